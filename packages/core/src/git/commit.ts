import type { ObjectId } from "../domain/repository.js";
import { GitHubSdkError } from "../errors.js";
import { hashObject, isObjectId, type ObjectFormat, objectFormatOf } from "./object-id.js";

/** Who made a commit, and when. */
export interface CommitIdentity {
  readonly name: string;
  readonly email: string;
  /** Whole seconds since 1970-01-01T00:00:00Z. */
  readonly timestamp: number;
  /** The offset of the maker's clock from UTC as git writes it, such as `+0200`. */
  readonly timezone: string;
}

/** A header of a commit besides those that every commit has, such as `encoding` or `gpgsig`; its value may have several lines. */
export interface CommitHeader {
  readonly name: string;
  readonly value: string;
}

/** What a commit says. */
export interface Commit {
  readonly tree: ObjectId;
  readonly parents: readonly ObjectId[];
  readonly author: CommitIdentity;
  readonly committer: CommitIdentity;
  /** In the order in which they are written. */
  readonly headers: readonly CommitHeader[];
  /** Written as it is; git ends its own messages with a line feed. */
  readonly message: string;
}

/** A commit as git stores it. */
export interface CommitObject {
  readonly oid: ObjectId;
  /** The object's content, without its header. */
  readonly bytes: Uint8Array;
}

/**
 * The commit object, in the format that its tree's id is of. Names and addresses are cleaned by `cleanIdentity`.
 *
 * @throws GitHubSdkError `validation_failed` when nothing is left of a name, a date or time zone is none, or a text holds a
 * NUL: git makes no such commit, and GitHub's check of what it receives refuses it.
 * @see https://git-scm.com/docs/git-commit-tree
 */
export function writeCommit(commit: Commit): CommitObject {
  const format = objectFormatOf(commit.tree);
  const lines = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${sameFormat(parent, format)}`),
    `author ${identityText(commit.author)}`,
    `committer ${identityText(commit.committer)}`,
    ...commit.headers.map(headerText),
  ];
  if (commit.message.includes("\0")) throw invalid("A commit message cannot hold a NUL character.");
  const bytes = Buffer.from(`${lines.join("\n")}\n\n${commit.message}`);
  return { oid: hashObject("commit", bytes, format), bytes };
}

/**
 * The name of the header that carries a commit's signature. Its value is the armored signature over the commit without it;
 * git writes it without its last line feed.
 *
 * @see https://git-scm.com/docs/gitformat-signature
 */
export function signatureHeader(format: ObjectFormat): string {
  return format === "sha1" ? "gpgsig" : "gpgsig-sha256";
}

/** Reads a commit object; `null` when the bytes are none. Text that is not UTF-8 comes with U+FFFD in its place. */
export function parseCommit(bytes: Uint8Array): Commit | null {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  const end = text.indexOf("\n\n");
  if (end === -1) return null;
  // A line that begins with a space goes on with the value before it.
  const headers = text
    .slice(0, end)
    .split(/\n(?! )/)
    .map(parseHeader);
  const tree = headers.shift();
  const parents = takeWhile(headers, "parent");
  const author = parseIdentity(headers.shift(), "author");
  const committer = parseIdentity(headers.shift(), "committer");
  if (tree?.name !== "tree" || !isObjectId(tree.value) || !parents.every(isObjectId)) return null;
  if (author === null || committer === null) return null;
  return { tree: tree.value, parents, author, committer, headers, message: text.slice(end + 2) };
}

/**
 * A name or an address as git puts it into a commit: without `<`, `>` and line feeds, which would end it early, and without
 * white space and stray punctuation at its ends. Dots stay (`Jr.`), as in git since 2.43.
 *
 * @see https://github.com/git/git/blob/v2.51.0/ident.c (`strbuf_addstr_without_crud`)
 */
export function cleanIdentity(text: string): string {
  return text
    .replace(LEADING_CRUD, "")
    .replace(TRAILING_CRUD, "")
    .replace(/[\0\n<>]/g, "");
}

const LEADING_CRUD = /^[\0-\x20,:;<>"\\']+/;
const TRAILING_CRUD = /[\0-\x20,:;<>"\\']+$/;

function identityText({ name, email, timestamp, timezone }: CommitIdentity): string {
  const cleanName = cleanIdentity(name);
  if (cleanName === "") throw invalid(`Nothing in the name ${JSON.stringify(name)} can stand in a commit.`);
  if (!Number.isSafeInteger(timestamp) || timestamp < 0) throw invalid(`${timestamp} is no date that git can write.`);
  if (!/^[+-]\d{4}$/.test(timezone)) throw invalid(`${JSON.stringify(timezone)} is no time zone that git can write.`);
  return `${cleanName} <${cleanIdentity(email)}> ${timestamp} ${timezone}`;
}

function headerText({ name, value }: CommitHeader): string {
  if (!/^[!-~]+$/.test(name) || value.includes("\0")) throw invalid(`${JSON.stringify(name)} is no commit header.`);
  return `${name} ${value.replaceAll("\n", "\n ")}`;
}

function sameFormat(oid: ObjectId, format: ObjectFormat): ObjectId {
  if (objectFormatOf(oid) !== format) throw new GitHubSdkError("internal_error", `${oid} is no ${format} object id.`);
  return oid;
}

function parseHeader(line: string): CommitHeader {
  const space = line.indexOf(" ");
  return { name: line.slice(0, space), value: line.slice(space + 1).replaceAll("\n ", "\n") };
}

function takeWhile(headers: CommitHeader[], name: string): string[] {
  const count = headers.findIndex((header) => header.name !== name);
  return headers.splice(0, count === -1 ? headers.length : count).map((header) => header.value);
}

function parseIdentity(header: CommitHeader | undefined, name: string): CommitIdentity | null {
  const [, who, email, seconds, timezone] = /^(.*?) ?<([^>]*)> (\d+) ([+-]\d+)$/s.exec(header?.value ?? "") ?? [];
  if (header?.name !== name || who === undefined || email === undefined || timezone === undefined) return null;
  return { name: who, email, timestamp: Number(seconds), timezone };
}

function invalid(message: string): GitHubSdkError {
  return new GitHubSdkError("validation_failed", message);
}
