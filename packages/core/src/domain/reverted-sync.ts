import type { ObjectId } from "./repository.js";

/** A sync that another one takes back. */
export interface RevertedSync {
  readonly syncId: number;
  readonly commitId: ObjectId;
}
