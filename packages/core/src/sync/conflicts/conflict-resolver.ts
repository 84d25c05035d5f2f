import { randomUUID } from "node:crypto";
import * as z from "zod";
import type { Clock } from "../../adapters/clock.js";
import type { ResolutionStore } from "../../adapters/resolution-store.js";
import type { ConflictReason } from "../../domain/conflict.js";
import type { ObjectId } from "../../domain/repository.js";
import {
  MAX_RESOLUTION_BYTES,
  type ResolutionChoice,
  type ResolutionDecision,
  type StoredResolution,
} from "../../domain/stored-resolution.js";
import { GitHubSdkError } from "../../errors.js";
import { fieldErrors, issueText } from "../../issue-text.js";
import { compareVersions } from "../plan/compare.js";
import { mergeConflicts } from "../plan/merge-conflicts.js";
import { isFor } from "../plan/stored-resolutions.js";
import type { ConflictSides } from "./conflict-sides.js";
import { isStillThere } from "./open-conflict.js";

/** A person's decision: one of the versions, their clean merge, or a content of at most 1 MiB. */
export type ConflictDecision = { readonly choice: ResolutionChoice } | { readonly content: string | Uint8Array };

/** The versions that a person saw. A resolution applies to exactly these. */
export interface ConflictVersions {
  /** The blob in the project; `null` when the project does not have the file. */
  readonly oursOid: ObjectId | null;
  /** The blob on the branch; `null` when the branch does not have the file. */
  readonly theirsOid: ObjectId | null;
}

/** The store of resolutions and a clock. */
export interface ResolverServices {
  readonly resolutions: ResolutionStore;
  readonly clock: Clock;
}

const MAX_RESOLUTIONS = 1_000;
const MAX_BYTES_OF_ALL = 16 * 1024 * 1024;

const oidSchema = z
  .string()
  .regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, "must be an object ID")
  .nullable();
const versionsSchema = z.object({ oursOid: oidSchema, theirsOid: oidSchema });
const contentSchema = z
  .union([z.string(), z.instanceof(Uint8Array)])
  .transform((content) => (typeof content === "string" ? Buffer.from(content) : content))
  .refine(({ byteLength }) => byteLength <= MAX_RESOLUTION_BYTES, `must have at most ${MAX_RESOLUTION_BYTES} bytes`);
const decisionSchema = z.union([
  z.strictObject({ choice: z.enum(["ours", "theirs", "merged"]) }),
  z.strictObject({ content: contentSchema }),
]);

/** Validates a decision and the versions that it is for. @throws GitHubSdkError `validation_failed` */
export function parseDecision(
  decision: ConflictDecision,
  versions: ConflictVersions,
): { readonly decision: ResolutionDecision; readonly versions: ConflictVersions } {
  const parsed = z.object({ decision: decisionSchema, versions: versionsSchema }).safeParse({ decision, versions });
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  throw new GitHubSdkError("validation_failed", `The resolution is not valid. ${issueText(issues, "resolution")}.`, {
    details: { errors: fieldErrors(issues) },
  });
}

/**
 * Stores a person's resolution of a conflict.
 *
 * @throws GitHubSdkError `resolution_stale` when a version is no longer there; `validation_failed` when the path is not in
 * conflict, or cannot be resolved by the choice; `input_too_large` when the target has too many resolutions
 */
export async function storeResolution(
  { resolutions, clock }: ResolverServices,
  sides: ConflictSides,
  path: string,
  { decision, versions }: ReturnType<typeof parseDecision>,
  signal: AbortSignal,
): Promise<void> {
  const pair = { localOid: versions.oursOid, remoteOid: versions.theirsOid };
  if (!isFor(pair, sides.versionsOf(path))) throw stale(path);
  await assertResolves(sides, path, decision, signal);
  const resolution = { id: randomUUID(), path, ...pair, decision, createdAt: new Date(clock.now()) };
  assertRoom(await resolutions.list(sides.target), resolution);
  await resolutions.put(sides.target, resolution);
}

async function assertResolves(
  sides: ConflictSides,
  path: string,
  decision: ResolutionDecision,
  signal: AbortSignal,
): Promise<void> {
  const versions = sides.versionsOf(path);
  const known = sides.last?.conflicts.find((each) => each.path === path && isStillThere(each, versions));
  const isBlocked = known !== undefined && BLOCKED.has(known.reason);
  if (!isBlocked && compareVersions(versions).kind !== "conflict") {
    throw refused("file_path", `is not in conflict: "${path}"`);
  }
  const choice = "content" in decision ? null : decision.choice;
  if (isBlocked && (choice !== "theirs" || sides.last?.direction !== "push")) {
    throw refused("choice", `cannot resolve a file and a directory of the same name: "${path}". Rename one of them`);
  }
  if (choice !== "merged") return;
  const merges = await mergeConflicts(new Map([[path, versions]]), sides.contents, signal);
  const { merged = null, isBinary = false } = merges.get(path) ?? {};
  if (merged !== null) return;
  const reason = isBinary ? "a version is not text" : "the versions do not merge cleanly";
  throw refused(
    "choice",
    `cannot be "merged" for "${path}": ${reason}. Choose "ours" or "theirs", or give the content`,
  );
}

/** Conflicts between a file and a directory, which no content of the file resolves. */
const BLOCKED: ReadonlySet<ConflictReason> = new Set<ConflictReason>([
  "path_is_a_directory_in_the_repository",
  "parent_is_a_file_in_the_repository",
  "path_is_a_directory_in_the_project",
  "parent_is_a_file_in_the_project",
]);

function assertRoom(stored: readonly StoredResolution[], added: StoredResolution): void {
  const all = [...stored.filter(({ path }) => path !== added.path), added];
  const bytes = all.reduce((sum, { decision }) => sum + ("content" in decision ? decision.content.byteLength : 0), 0);
  if (all.length <= MAX_RESOLUTIONS && bytes <= MAX_BYTES_OF_ALL) return;
  throw new GitHubSdkError(
    "input_too_large",
    `The branch has too many stored resolutions: at most ${MAX_RESOLUTIONS} with 16 MiB of content. Run a sync, which carries them out.`,
  );
}

function stale(path: string): GitHubSdkError {
  return new GitHubSdkError(
    "resolution_stale",
    `"${path}" has changed in the project or on the branch since these versions were read. Read the conflict again.`,
    { details: { path } },
  );
}

function refused(field: string, message: string): GitHubSdkError {
  return new GitHubSdkError("validation_failed", `The resolution is not valid. ${field}: ${message}.`, {
    details: { errors: [{ field, message }] },
  });
}
