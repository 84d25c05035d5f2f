import { randomBytes } from "node:crypto";
import type { Clock } from "../../adapters/clock.js";
import type { ObjectId } from "../../domain/repository.js";
import type { SyncAttempt, SyncRecord } from "../../domain/sync-record.js";
import type { GitHubClient } from "../../github/github-client.js";
import { findLandedCommit } from "../../repository/landed-commit.js";

/** A commit of a sync that is on the branch. */
export interface LandedCommit {
  readonly attempt: SyncAttempt;
  readonly commitId: ObjectId;
  readonly url: string;
  /** The commit's root tree; `null` when it is not known. */
  readonly rootTree: ObjectId | null;
}

/** The record and the client with which an attempt's commit is searched. */
export interface AttemptQuery {
  readonly client: GitHubClient;
  readonly record: Pick<SyncRecord, "id" | "repository">;
  readonly signal: AbortSignal;
}

// GitHub's reads may lag behind its writes for some seconds: only the last read proves that a commit is missing.
const WAITS_BETWEEN_READS = [0, 1_000, 2_000, 4_000];

/** Returns the commit trailer that identifies an attempt: record ID, attempt number and the attempt's mark. */
export function attemptTrailer(syncId: number, { number, mark }: Pick<SyncAttempt, "number" | "mark">): string {
  return `Infrajet-Sync: ${syncId}/${number} ${mark}`;
}

/** Returns the attempt of the last trailer in a commit message; `null` when the message has none. */
export function attemptInMessage(
  message: string,
): (Pick<SyncAttempt, "number" | "mark"> & { readonly syncId: number }) | null {
  const trailers = message.matchAll(/^Infrajet-Sync: (\d{1,15})\/(\d{1,9}) ([0-9a-f]{16})$/gm);
  const [, syncId, number, mark] = [...trailers].at(-1) ?? [];
  if (mark === undefined) return null;
  return { syncId: Number(syncId), number: Number(number), mark };
}

/** Returns a random mark of 64 bits, unique to one attempt. */
export function newMark(): string {
  return randomBytes(8).toString("hex");
}

/** Searches the branch once for the commit of an attempt; `null` when it is not there. */
export async function findAttempt(query: AttemptQuery, attempt: SyncAttempt): Promise<LandedCommit | null> {
  const { client, record, signal } = query;
  const wanted = {
    branch: attempt.branch,
    expectedHead: attempt.expectedHead,
    commitId: attempt.commitId,
    trailer: attemptTrailer(record.id, attempt),
  };
  const found = await findLandedCommit(client, record.repository, wanted, signal);
  return found === null ? null : { attempt, commitId: found.commitId, url: found.url, rootTree: null };
}

/** Searches the branch for the commit of an attempt whose response was lost, repeatedly for some seconds. */
export async function awaitAttempt(
  query: AttemptQuery,
  attempt: SyncAttempt,
  clock: Clock,
): Promise<LandedCommit | null> {
  for (const wait of WAITS_BETWEEN_READS) {
    if (wait > 0) await clock.sleep(wait, query.signal);
    const landed = await findAttempt(query, attempt);
    if (landed !== null) return landed;
  }
  return null;
}

/** Returns the attempts with one of them replaced, or added when its number is new. */
export function withAttempt(attempts: readonly SyncAttempt[], attempt: SyncAttempt): readonly SyncAttempt[] {
  return [...attempts.filter(({ number }) => number !== attempt.number), attempt];
}
