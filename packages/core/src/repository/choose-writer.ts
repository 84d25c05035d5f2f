import type { WriterName } from "../domain/sync-record.js";
import { GitHubSdkError } from "../errors.js";
import type { Credential } from "../github/credential.js";
import type { ChangeSet, CommitWriter } from "./commit-writer.js";

/** What decides about the writer besides the change set. */
export interface WriterPreferences {
  readonly wanted: WriterName | "auto";
  /** Whether the branch's rules demand signed commits. */
  readonly requiresSignatures: boolean;
  /** In whose name is written: GitHub signs the Git Data API's commits for installations only. */
  readonly credentialKind: Credential["kind"];
  /** Writers that lately did not get through to GitHub: they are tried last. */
  readonly blocked: ReadonlySet<WriterName>;
}

/** Who writes. */
export interface WriterChoice {
  /** The chosen one, then those that take over when it is refused for its own reason. Never empty. */
  readonly order: readonly [CommitWriter, ...CommitWriter[]];
  /** For a person: `push: 1,240 files, 18 MB, not signed (not graphql: there are 1,240 files, and it takes 100)`. */
  readonly reason: string;
}

/**
 * Picks the writers that can take a change set, the one with the fewest requests first; of more than 64 kB, a push.
 *
 * @param available in the order of preference
 * @throws GitHubSdkError `writer_refused` when the pinned one, or every one, cannot take it; `signature_required` when
 * only unsigned commits could be made
 */
export function chooseWriter(
  changeSet: ChangeSet,
  preferences: WriterPreferences,
  available: readonly CommitWriter[],
): WriterChoice {
  const candidates =
    preferences.wanted === "auto" ? available : available.filter(({ name }) => name === preferences.wanted);
  const answers = candidates.map((writer) => ({ writer, refusal: refusalOf(writer, changeSet, preferences) }));
  const able = answers.filter(({ refusal }) => refusal === null).map(({ writer }) => writer);
  const [first, ...others] = blockedLast(smallestUploadFirst(able, changeSet), preferences);
  const refusals = answers.filter((answer): answer is Refusal => answer.refusal !== null);
  if (first !== undefined) {
    const before = answers.slice(0, candidates.indexOf(first)).map(({ writer, refusal }) => {
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

const UNSIGNED = "the branch takes signed commits only";
const NOT_DEFLATED = "a push deflates what is over 64 kB";
const BLOCKED = "it did not get through to GitHub a short time ago";

// As base64 in JSON this is 87 kB. See docs/decisions/0013.
const LARGEST_UNDEFLATED = 64 * 1024;

/** A push deflates, and the API's JSON does not: what is not small goes by push where it can. */
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
  const own = writer.refusal(changeSet);
  if (own !== null) return own;
  return preferences.requiresSignatures && writer.signer(preferences.credentialKind) === null ? UNSIGNED : null;
}

function reasonFor(
  writer: CommitWriter,
  changeSet: ChangeSet,
  { credentialKind }: WriterPreferences,
  passedOver: readonly Refusal[],
): string {
  const files = changeSet.writes.length + changeSet.deletes.length;
  const signer = writer.signer(credentialKind);
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
    "The branch takes signed commits only, and GitHub signs these for a GitHub App's installation only. Connect the App, set signCommit, or sync fewer and plain files at a time.",
  );
}

function refused({ wanted }: WriterPreferences, refusals: readonly Refusal[]): GitHubSdkError {
  const reasons = refusals.map(({ writer, refusal }) => `${writer.name}: ${refusal}`).join("; ");
  const subject = wanted === "auto" ? "No writer" : `The writer ${wanted}`;
  return new GitHubSdkError(
    "writer_refused",
    `${subject} can make this commit${reasons === "" ? " here" : ` (${reasons})`}.${wanted === "auto" ? "" : " Leave the choice to the SDK, or pin another one."}`,
    { details: { refusals: Object.fromEntries(refusals.map(({ writer, refusal }) => [writer.name, refusal])) } },
  );
}
