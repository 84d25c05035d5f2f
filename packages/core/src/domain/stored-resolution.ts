import type { ObjectId } from "./repository.js";

/** A choice between the versions of a conflict: the project's, the branch's, or the clean three-way merge of both. */
export type ResolutionChoice = "ours" | "theirs" | "merged";

/** A person's resolution of a conflict. It applies while the project and the branch have exactly these versions of the file. */
export interface StoredResolution {
  /** Unique. A later resolution of the same path has another ID. */
  readonly id: string;
  /** Relative to the project. */
  readonly path: string;
  /** The blob in the project; `null` when the project does not have the file. */
  readonly localOid: ObjectId | null;
  /** The blob on the branch; `null` when the branch does not have the file. */
  readonly remoteOid: ObjectId | null;
  readonly decision: ResolutionDecision;
  readonly createdAt: Date;
}

/** The version that a resolution selects, or a content of its own. */
export type ResolutionDecision = { readonly choice: ResolutionChoice } | { readonly content: Uint8Array };

/** The largest content of a resolution in bytes. */
export const MAX_RESOLUTION_BYTES = 1024 * 1024;
