import type { ObjectFormat, ObjectId } from "../domain/repository.js";
import { GitHubSdkError } from "../errors.js";
import { hashObject, isObjectId, objectFormatOf } from "./object-id.js";

/** The author or committer of a commit, with the time. */
export interface CommitIdentity {
  readonly name: string;
  readonly email: string;
  /** Epoch seconds. */
  readonly timestamp: number;
  /** The offset from UTC in git's form, such as `+0200`. */
  readonly timezone: string;
}

/** An additional header of a commit, such as `encoding` or `gpgsig`. Its value may have several lines. */
export interface CommitHeader {
  readonly name: string;
  readonly value: string;
}

/** The contents of a commit. */
export interface Commit {
  readonly tree: ObjectId;
  readonly parents: readonly ObjectId[];
  readonly author: CommitIdentity;
  readonly committer: CommitIdentity;
  /** The headers, in the order in which they are written. */
  readonly headers: readonly CommitHeader[];
  /** The message, written unchanged. Git ends its own messages with a line feed. */
  readonly message: string;
}

/** A commit as git stores it. */
export interface CommitObject {
  readonly oid: ObjectId;
  /** The content of the object, without its header. */
  readonly bytes: Uint8Array;
}

/**
 * Builds the commit object, in the object format of its tree. Names and addresses are cleaned by `cleanIdentity`.
 *
 * @throws GitHubSdkError `validation_failed` when a name is empty after cleaning, a date or time zone is invalid, or a text
 * contains a NUL: git cannot make such a commit, and GitHub rejects it.
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
  if (commit.message.includes("\0")) throw invalid("A commit message cannot contain a NUL character.");
  const bytes = Buffer.from(`${lines.join("\n")}\n\n${commit.message}`);
  return { oid: hashObject("commit", bytes, format), bytes };
}

/**
 * Returns the name of the header with a commit's signature. Its value is the armored signature of the commit without that
 * header; git writes it without its last line feed.
 *
 * @see https://git-scm.com/docs/gitformat-signature
 */
export function signatureHeader(format: ObjectFormat): string {
  return format === "sha1" ? "gpgsig" : "gpgsig-sha256";
}

/** Parses a commit object; returns `null` for invalid bytes. Text that is not UTF-8 is replaced by U+FFFD. */
export function parseCommit(bytes: Uint8Array): Commit | null {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  const end = text.indexOf("\n\n");
  if (end === -1) return null;
  // A line that begins with a space continues the previous value.
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
 * Returns a name or an address in the form that git writes to a commit: without `<`, `>` and line feeds, which would end it
 * early, and without white space and stray punctuation at its ends. Dots stay (`Jr.`), as in git since 2.43.
 *
 * @see https://github.com/git/git/blob/v2.51.0/ident.c (`strbuf_addstr_without_crud`)
 */
export function cleanIdentity(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && CRUD.test(text.charAt(start))) start += 1;
  while (end > start && CRUD.test(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end).replace(/[\0\n<>]/g, "");
}

const CRUD = /[\0-\x20,:;<>"\\']/;

function identityText({ name, email, timestamp, timezone }: CommitIdentity): string {
  const cleanName = cleanIdentity(name);
  if (cleanName === "")
    throw invalid(`The name ${JSON.stringify(name)} contains no characters that git allows in an author name.`);
  if (!Number.isSafeInteger(timestamp) || timestamp < 0)
    throw invalid(`${timestamp} is not a date that git can write.`);
  if (!/^[+-]\d{4}$/.test(timezone))
    throw invalid(`${JSON.stringify(timezone)} is not a time zone that git can write.`);
  return `${cleanName} <${cleanIdentity(email)}> ${timestamp} ${timezone}`;
}

function headerText({ name, value }: CommitHeader): string {
  if (!/^[!-~]+$/.test(name) || value.includes("\0"))
    throw invalid(`${JSON.stringify(name)} is not a valid commit header.`);
  return `${name} ${value.replaceAll("\n", "\n ")}`;
}

function sameFormat(oid: ObjectId, format: ObjectFormat): ObjectId {
  if (objectFormatOf(oid) !== format)
    throw new GitHubSdkError("internal_error", `Internal error: ${oid} is not a ${format} object id.`);
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
  if (header?.name !== name) return null;
  const { value } = header;
  const open = value.indexOf("<");
  const close = value.indexOf(">", open);
  if (open === -1 || close === -1) return null;
  const [, seconds, timezone] = /^ (\d{1,20}) ([+-]\d{1,9})$/.exec(value.slice(close + 1)) ?? [];
  if (timezone === undefined) return null;
  const nameEnd = value[open - 1] === " " ? open - 1 : open;
  return { name: value.slice(0, nameEnd), email: value.slice(open + 1, close), timestamp: Number(seconds), timezone };
}

function invalid(message: string): GitHubSdkError {
  return new GitHubSdkError("validation_failed", message);
}
