import type { ObjectId, SyncTarget } from "./repository.js";
import type { SyncDirection, SyncOptions, SyncRecord } from "./sync-record.js";

/** A project that follows a branch of a repository. */
export interface ProjectLink extends Pick<SyncRecord, "userId" | "projectId"> {
  readonly target: SyncTarget;
  /** `owner/name` as GitHub last reported it. */
  readonly repository: string;
  readonly direction: SyncDirection;
  /** The options of the syncs that the link starts. At most 64 KiB as JSON. */
  readonly options: SyncOptions;
  /** Starts a sync each time that the branch moves. */
  readonly auto: boolean;
  readonly createdAt: Date;
  /** The sync that the link started last; `null` before the first one. */
  readonly lastSyncId: number | null;
  /** The head of the branch that the link last took into account; `null` before the first one, and while the branch is deleted. */
  readonly head: ObjectId | null;
}

/** The fields of a link that its owner sets. */
export type ProjectLinkDraft = Omit<ProjectLink, "lastSyncId" | "head">;

/** The fields that identify a link: a project has one link to each branch. */
export type ProjectLinkKey = Pick<ProjectLink, "target">;

/** The fields of a link that its syncs change. */
export type ProjectLinkChange = Partial<Pick<ProjectLink, "lastSyncId" | "head">>;

/** Returns a text that identifies a link. The directory is not part of it, so that a change of the directory replaces the link. */
export function projectLinkText({ target }: ProjectLinkKey): string {
  return JSON.stringify([target.apiUrl, target.repositoryId, target.branch, target.source]);
}
