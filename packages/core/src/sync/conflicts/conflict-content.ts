import type { ObjectId } from "../../domain/repository.js";
import { SUBMODULE } from "../plan/compare.js";
import type { ConflictSides } from "./conflict-sides.js";

/** A side of a conflict: the version of the last sync, the project's, or the branch's. */
export type ConflictSide = "base" | "ours" | "theirs";

/** One version of a file. */
export interface ConflictContent {
  /** Relative to the project. */
  readonly path: string;
  readonly side: ConflictSide;
  /** The blob; `null` when this side does not have the file. */
  readonly oid: ObjectId | null;
  /** Bytes; 0 when this side does not have the file. */
  readonly size: number;
  /** `null` when this side does not have the file, when it is larger than the limit, and when it is a submodule. */
  readonly bytes: Uint8Array | null;
  /** True when `bytes` is `null` because the file is larger than the limit. */
  readonly isTruncated: boolean;
}

/** The default limit of a content in bytes. */
export const MAX_CONFLICT_CONTENT = 1024 * 1024;

/** A version whose content can be read. */
interface ReadableVersion {
  readonly oid: ObjectId;
  readonly size: number;
  bytes(): Promise<Uint8Array | null>;
}

/** Reads one version of a path. The size is read first: a content above the limit is not read. */
export async function readConflictContent(
  sides: ConflictSides,
  path: string,
  side: ConflictSide,
  maxBytes: number,
): Promise<ConflictContent> {
  const version = await versionOf(sides, path, side);
  if (version === null) return { path, side, oid: null, size: 0, bytes: null, isTruncated: false };
  const { oid, size } = version;
  if (size > maxBytes) return { path, side, oid, size, bytes: null, isTruncated: true };
  const bytes = await version.bytes();
  return { path, side, oid, size: bytes?.length ?? size, bytes, isTruncated: false };
}

async function versionOf(sides: ConflictSides, path: string, side: ConflictSide): Promise<ReadableVersion | null> {
  const { base, local, remote } = sides.versionsOf(path);
  const { contents } = sides;
  if (side === "ours") return local && { oid: local.oid, size: local.size, bytes: () => contents.local(local) };
  const version = side === "base" ? base : remote;
  if (version === null) return null;
  const { oid } = version;
  if (version.mode === SUBMODULE) return { oid, size: 0, bytes: async () => null };
  const kept = side === "base" ? sides.sides.baseline.contents.get(oid) : undefined;
  if (kept !== undefined) return { oid, size: kept.length, bytes: async () => kept };
  if (oid === local?.oid) return { oid, size: local.size, bytes: () => contents.local(local) };
  const size = (await contents.remoteBlobs([oid])).get(oid)?.size ?? 0;
  return { oid, size, bytes: () => contents.remote(oid) };
}
