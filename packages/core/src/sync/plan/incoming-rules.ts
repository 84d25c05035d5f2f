import type { BaselineEntry } from "../../domain/baseline.js";
import type { ObjectId, RemoteEntry } from "../../domain/repository.js";
import type { SyncDirection } from "../../domain/sync-record.js";

/** The rules of a sync that changes the project. */
export interface IncomingRules {
  readonly direction: Exclude<SyncDirection, "push">;
  /** False when the branch or its directory no longer exists: their absence is not a deletion of the files. */
  readonly mayRemove: boolean;
  /** Returns the reason why the project cannot hold a version of the branch; `null` when it can. */
  readonly refusal: (path: string, entry: RemoteEntry) => string | null;
  /** True for a base version that the branch's history may not contain. A replaced or removed file is then kept aside. */
  readonly isUnpublished: (base: BaselineEntry) => boolean;
  /** Sizes of the branch's blobs in bytes, as far as they are known. */
  readonly sizes: ReadonlyMap<ObjectId, number>;
}
