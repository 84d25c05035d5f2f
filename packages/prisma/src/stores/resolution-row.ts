/** A row of `github_conflict_resolutions`. */
export interface ConflictResolutionRow {
  readonly key: string;
  readonly targetKey: string;
  readonly resolutionId: string;
  readonly path: string;
  readonly localOid: string | null;
  readonly remoteOid: string | null;
  /** `null` exactly when `content` is not. */
  readonly choice: string | null;
  readonly content: Uint8Array<ArrayBuffer> | null;
  readonly createdAt: Date;
}
