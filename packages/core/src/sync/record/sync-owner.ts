import type { SyncRecord } from "../../domain/sync-record.js";
import type { Credential } from "../../github/credential.js";

/** The user, source and repository of a sync: enough to look up its credential again after a restart. */
export interface SyncOwner {
  readonly userId: string;
  /** `project:{userId}/{projectId}`, or `app:{installationId}`. */
  readonly source: string;
  /** `owner/name`. */
  readonly repository: string;
}

/** Returns the credential of a sync. @throws GitHubSdkError `github_not_connected`, `reauth_required` */
export type CredentialLookup = (owner: SyncOwner) => Promise<Credential>;

/** Returns the owner of a record or of a link. */
export function ownerOf({
  userId,
  target,
  repository,
}: Pick<SyncRecord, "userId" | "target" | "repository">): SyncOwner {
  return { userId, source: target.source, repository };
}
