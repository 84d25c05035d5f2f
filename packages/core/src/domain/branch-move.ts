import type { ObjectId, SyncTarget } from "./repository.js";
import type { SyncDirection } from "./sync-record.js";

/** The sync that made a commit. */
export interface CommitOrigin {
  readonly target: SyncTarget;
  readonly direction: SyncDirection;
  /** The head that the commit follows; `null` for a first commit. */
  readonly parent: ObjectId | null;
}

/** A branch whose head was read after it moved. */
export interface BranchMove {
  readonly repositoryId: number;
  /** The current `owner/name`. */
  readonly repository: string;
  readonly branch: string;
  /** The current head; `null` when the branch was deleted. */
  readonly head: ObjectId | null;
  /** The sync of this SDK that made the head; `null` for a commit of another client. */
  readonly origin: CommitOrigin | null;
}
