import type { WriterName } from "../domain/sync-record.js";
import { GitHubSdkError } from "../errors.js";
import type { Credential } from "../github/credential.js";
import type { ChangeSet, CommitWriter } from "./commit-writer.js";

/** What decides about the writer besides the change set. */
export interface WriterWish {
  readonly wanted: WriterName | "auto";
  /** Whether the branch's rules demand signed commits. */
  readonly requiresSignatures: boolean;
  /** In whose name is written: GitHub signs the Git Data API's commits for installations only. */
  readonly credentialKind: Credential["kind"];
}

/** Who writes. */
export interface WriterChoice {
  /** The chosen one, then those that take over when it is refused for its own reason. Never empty. */
  readonly order: readonly [CommitWriter, ...CommitWriter[]];
  /** For a person: `graphql: 3 files, 12 kB, signed by GitHub`. */
  readonly reason: string;
}

/**
 * Picks the writers that can take a change set, the one with the fewest requests first.
 *
 * @param available in the order of preference
 * @throws GitHubSdkError `writer_refused` when the pinned one, or every one, cannot take it; `signature_required` when
 * only unsigned commits could be made
 */
export function chooseWriter(changeSet: ChangeSet, wish: WriterWish, available: readonly CommitWriter[]): WriterChoice {
  const candidates = wish.wanted === "auto" ? available : available.filter(({ name }) => name === wish.wanted);
  const refusals = candidates.map((writer) => ({ writer, refusal: writer.refusal(changeSet) }));
  const able = refusals.filter(({ refusal }) => refusal === null).map(({ writer }) => writer);
  const allowed = wish.requiresSignatures ? able.filter(({ name }) => isSigned(name, wish)) : able;
  const [first, ...others] = allowed;
  if (first !== undefined) return { order: [first, ...others], reason: reasonFor(first.name, changeSet, wish) };
  if (able.length > 0) throw unsigned();
  throw refused(wish, refusals);
}

function isSigned(name: WriterName, { credentialKind }: WriterWish): boolean {
  return name === "graphql" || (name === "git-data" && credentialKind === "installation");
}

function reasonFor(name: WriterName, { writes, deletes }: ChangeSet, wish: WriterWish): string {
  const files = writes.length + deletes.length;
  const bytes = writes.reduce((sum, { size }) => sum + size, 0);
  const signing = isSigned(name, wish) ? "signed by GitHub" : "not signed";
  return `${name}: ${files} ${files === 1 ? "file" : "files"}, ${formatBytes(bytes)}, ${signing}`;
}

function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function unsigned(): GitHubSdkError {
  return new GitHubSdkError(
    "signature_required",
    "The branch takes signed commits only, and GitHub signs these for a GitHub App's installation only. Connect the App, or sync fewer and plain files at a time.",
  );
}

function refused(
  { wanted }: WriterWish,
  refusals: readonly { readonly writer: CommitWriter; readonly refusal: string | null }[],
): GitHubSdkError {
  const reasons = refusals.map(({ writer, refusal }) => `${writer.name}: ${refusal}`).join("; ");
  const subject = wanted === "auto" ? "No writer" : `The writer ${wanted}`;
  return new GitHubSdkError(
    "writer_refused",
    `${subject} can make this commit${reasons === "" ? " here" : ` (${reasons})`}.${wanted === "auto" ? "" : " Leave the choice to the SDK, or pin another one."}`,
    { details: { refusals: Object.fromEntries(refusals.map(({ writer, refusal }) => [writer.name, refusal])) } },
  );
}
