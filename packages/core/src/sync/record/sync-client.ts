import type { SyncRecord } from "../../domain/sync-record.js";
import type { GitHubClient } from "../../github/github-client.js";
import { type GitHubClients, SHORT_RATE_LIMIT_WAIT_MS } from "../../github/github-clients.js";
import { type CredentialLookup, ownerOf } from "./sync-owner.js";

/** The services that provide the client of a sync. */
export interface SyncClientServices {
  readonly clients: GitHubClients;
  readonly credentialFor: CredentialLookup;
}

// A sync of many requests may meet the limit in each run, at the same place.
const PATIENT_AFTER_MS = 10 * 60_000;

/**
 * Returns the client with the credential of a sync's owner. Its requests wait at most 5 seconds for a rate limit, because the sync
 * can continue later. Those of a sync that has been continued for 10 minutes wait longer, so that it ends.
 */
export async function clientOf(
  { clients, credentialFor }: SyncClientServices,
  record: SyncRecord,
): Promise<GitHubClient> {
  const credential = await credentialFor(ownerOf(record));
  const isInteractive = record.priority === "interactive";
  if (isPatient(record)) return clients.for(credential, { isInteractive });
  return clients.for(credential, { maxRateLimitWaitMs: SHORT_RATE_LIMIT_WAIT_MS, isInteractive });
}

function isPatient({ holder, waitingSince, startedAt }: SyncRecord): boolean {
  if (holder !== null || waitingSince === null || startedAt === null) return false;
  return startedAt.getTime() - waitingSince.getTime() > PATIENT_AFTER_MS;
}
