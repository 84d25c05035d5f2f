import type { WriterName } from "../domain/sync-record.js";
import { GitHubSdkError } from "../errors.js";
import type { Credential } from "../github/credential.js";
import type { ChangeSet, CommitWriter } from "./commit-writer.js";

/** The options that decide about the writer, besides the change set. */
export interface WriterPreferences {
  readonly wanted: WriterName | "auto";
  /** True when the branch's rules require signed commits. */
  readonly requiresSignatures: boolean;
  /** The kind of the credential: GitHub signs commits of the Git Data API only for installations. */
  readonly credentialKind: Credential["kind"];
  /** Writers that recently could not reach GitHub. They are tried last. */
  readonly blocked: ReadonlySet<WriterName>;
}

/** The chosen writers. */
export interface WriterChoice {
  /** The chosen writer, then the fallbacks. Never empty. */
  readonly order: readonly [CommitWriter, ...CommitWriter[]];
  /** A readable reason: `push: 1,240 files, 18 MB, not signed (not graphql: 1,240 files are more than the 100 it is chosen for)`. */
  readonly reason: string;
}

/**
 * Chooses the writers for a change set: the one with the fewest requests first, or a push for more than 64 kB.
 *
 * A pinned writer is rejected only for a limit of GitHub; `auto` also respects the sizes that a writer is suited for.
 *
 * @param available the writers in the order of preference
 * @throws GitHubSdkError `writer_refused` when the pinned writer, or every writer, cannot make the commit;
 * `signature_required` when only unsigned commits could be made
 */
export function chooseWriter(
  changeSet: ChangeSet,
  preferences: WriterPreferences,
  available: readonly CommitWriter[],
): WriterChoice {
  const candidates =
    preferences.wanted === "auto" ? available : available.filter(({ name }) => name === preferences.wanted);
  const results = candidates.map((writer) => ({ writer, refusal: refusalOf(writer, changeSet, preferences) }));
  const able = results.filter(({ refusal }) => refusal === null).map(({ writer }) => writer);
  const [first, ...others] = blockedLast(smallestUploadFirst(able, changeSet), preferences);
  const refusals = results.filter((result): result is Refusal => result.refusal !== null);
  if (first !== undefined) {
    const before = results.slice(0, candidates.indexOf(first)).map(({ writer, refusal }) => {
      return { writer, refusal: refusal ?? (preferences.blocked.has(writer.name) ? BLOCKED : NOT_DEFLATED) };
    });
    return { order: [first, ...others], reason: reasonFor(first, changeSet, preferences, before) };
  }
  throw refusals.some(({ refusal }) => refusal === UNSIGNED) ? unsigned() : refused(preferences, refusals);
}

interface Refusal {
  readonly writer: CommitWriter;
  readonly refusal: string;
}

const UNSIGNED = "the branch requires signed commits";
const NOT_DEFLATED = "a push compresses more than 64 kB";
const BLOCKED = "it could not reach GitHub recently";

// As base64 in JSON this is 87 kB. See docs/decisions/0013.
const LARGEST_UNDEFLATED = 64 * 1024;

/** Prefers a push for change sets that are not small: it compresses, and JSON does not. */
function smallestUploadFirst(writers: readonly CommitWriter[], changeSet: ChangeSet): readonly CommitWriter[] {
  const push = writers.find(({ name }) => name === "push");
  if (push === undefined || bytesOf(changeSet) <= LARGEST_UNDEFLATED) return writers;
  return [push, ...writers.filter((writer) => writer !== push)];
}

function blockedLast(writers: readonly CommitWriter[], { blocked }: WriterPreferences): readonly CommitWriter[] {
  const isBlocked = ({ name }: CommitWriter): boolean => blocked.has(name);
  return [...writers.filter((writer) => !isBlocked(writer)), ...writers.filter(isBlocked)];
}

function bytesOf({ writes }: ChangeSet): number {
  return writes.reduce((sum, { size }) => sum + size, 0);
}

function refusalOf(writer: CommitWriter, changeSet: ChangeSet, preferences: WriterPreferences): string | null {
  const own = writer.refusal(changeSet) ?? (preferences.wanted === "auto" ? writer.unsuitable(changeSet) : null);
  if (own !== null) return own;
  return preferences.requiresSignatures && writer.signer(preferences.credentialKind, changeSet) === null
    ? UNSIGNED
    : null;
}

function reasonFor(
  writer: CommitWriter,
  changeSet: ChangeSet,
  { credentialKind }: WriterPreferences,
  passedOver: readonly Refusal[],
): string {
  const files = changeSet.writes.length + changeSet.deletes.length;
  const signer = writer.signer(credentialKind, changeSet);
  const signing = signer === null ? "not signed" : `signed by ${signer}`;
  const size = `${files.toLocaleString("en-US")} ${files === 1 ? "file" : "files"}, ${formatBytes(bytesOf(changeSet))}`;
  const others = passedOver.map(({ writer: { name }, refusal }) => `${name}: ${refusal}`).join("; ");
  return `${writer.name}: ${size}, ${signing}${others === "" ? "" : ` (not ${others})`}`;
}

function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} kB`;
  return `${(bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 1 : 0)} MB`;
}

function unsigned(): GitHubSdkError {
  return new GitHubSdkError(
    "signature_required",
    "The branch requires signed commits, and GitHub signs commits like this one only for a GitHub App's installation. Connect the App, set `signCommit`, or sync at most 100 plain files at a time.",
  );
}

function refused({ wanted }: WriterPreferences, refusals: readonly Refusal[]): GitHubSdkError {
  const reasons = refusals.map(({ writer, refusal }) => `${writer.name}: ${refusal}`).join("; ");
  const subject = wanted === "auto" ? "No writer can" : `The writer ${wanted} cannot`;
  return new GitHubSdkError(
    "writer_refused",
    `${subject} make this commit${reasons === "" ? " here" : ` (${reasons})`}.${wanted === "auto" ? "" : " Pin another writer, or use `auto`."}`,
    { details: { refusals: Object.fromEntries(refusals.map(({ writer, refusal }) => [writer.name, refusal])) } },
  );
}
