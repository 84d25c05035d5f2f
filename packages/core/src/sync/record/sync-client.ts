import type { SyncRecord } from "../../domain/sync-record.js";
import { isProjectSource } from "../../domain/sync-source.js";
import type { GitHubClient } from "../../github/github-client.js";
import { type GitHubClients, interactiveClients } from "../../github/github-clients.js";
import { type CredentialLookup, ownerOf } from "./sync-owner.js";

/** The services that provide the client of a sync. */
export interface SyncClientServices {
  readonly clients: GitHubClients;
  readonly credentialFor: CredentialLookup;
}

/** Returns the client with the credential of a sync's owner. A sync of files that came with a call is interactive: its caller waits. */
export async function clientOf(
  { clients, credentialFor }: SyncClientServices,
  record: SyncRecord,
): Promise<GitHubClient> {
  const credential = await credentialFor(ownerOf(record));
  return (isProjectSource(record.target.source) ? clients : interactiveClients(clients)).for(credential);
}
