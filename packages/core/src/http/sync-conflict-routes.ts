import * as z from "zod";
import { MAX_RESOLUTION_BYTES } from "../domain/stored-resolution.js";
import type { ConflictDecision } from "../sync/conflicts/conflict-resolver.js";
import type { ConflictTarget } from "../sync/conflicts/conflict-target.js";
import type { CallingUser } from "./calling-user.js";
import { branch, filePath, isBase64, optional, projectId, repositoryFullName } from "./request-fields.js";
import { defineRoute, type Route } from "./route.js";
import { syncTargetFields } from "./sync-body.js";
import {
  conflictContentSchema,
  conflictListSchema,
  conflictSide,
  toConflictContentResponse,
  toConflictListResponse,
} from "./sync-conflicts-wire.js";
import { invalidFields } from "./validation.js";
import { named } from "./wire-value.js";

const tag = "Project sync";
const ERRORS = [400, 403, 404, 422, 429];

const params = z.object({ project_id: projectId });
const target = { repository_full_name: repositoryFullName, branch };

// A base64 text is a third longer than its bytes; line breaks may be in it.
const MAX_CONTENT_LENGTH = MAX_RESOLUTION_BYTES * 2;

const sha = (side: string) =>
  optional(z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, "must be an object ID")).describe(
    `The blob that the resolution is for; null where ${side} deleted the file`,
  );

const listConflicts = defineRoute({
  method: "GET",
  path: "/sync/conflicts/{project_id}",
  operationId: "listConflicts",
  tag,
  summary: "List the conflicts of the last sync whose versions are still there",
  auth: "user",
  input: { params, query: z.object(target) },
  project: "params",
  response: conflictListSchema,
  errors: ERRORS,
  async handle({ sdk, user, params: { project_id }, query, request: { signal } }) {
    const sides = targetOf(user, { ...query, project_id });
    const conflicts = await sdk.sync.conflicts(sides, { signal, isInteractive: true });
    return { body: toConflictListResponse({ ...query, project_id }, conflicts) };
  },
});

const getConflictContent = defineRoute({
  method: "GET",
  path: "/sync/conflicts/{project_id}/content",
  operationId: "getConflictContent",
  tag,
  summary: "Get one version of a file in conflict: the base, the project's, or the branch's",
  auth: "user",
  input: { params, query: z.object({ ...target, file_path: filePath, side: conflictSide }) },
  project: "params",
  response: conflictContentSchema,
  errors: ERRORS,
  async handle({ sdk, user, params: { project_id }, query, request: { signal } }) {
    const { file_path, side } = query;
    const options = { signal, isInteractive: true } as const;
    const content = await sdk.sync.conflictContent(targetOf(user, { ...query, project_id }), file_path, side, options);
    return { body: toConflictContentResponse(content) };
  },
});

const resolveConflict = defineRoute({
  method: "POST",
  path: "/sync/resolve",
  operationId: "resolveConflict",
  tag,
  summary: "Resolve a conflict by a choice or a content, which the next sync carries out",
  auth: "user",
  input: {
    body: named(
      "GitHubSyncResolveRequest",
      z.object({
        ...syncTargetFields,
        file_path: filePath,
        ours_sha: sha("the project"),
        theirs_sha: sha("the branch"),
        choice: optional(z.enum(["ours", "theirs", "merged"])).describe(
          "`merged` is the clean three-way merge of both versions",
        ),
        content: optional(z.string().max(MAX_CONTENT_LENGTH)).describe(
          "The file's content, in place of `choice`; at most 1 MiB",
        ),
        encoding: optional(z.enum(["utf-8", "base64"])).describe("The encoding of `content`. Defaults to `utf-8`"),
      }),
    ),
  },
  project: "body",
  sendsFiles: true,
  response: named("GitHubSyncResolveResponse", z.object({ resolved: z.literal(true), file_path: z.string() })),
  errors: ERRORS,
  async handle({ sdk, user, body, request: { signal } }) {
    const { file_path, ours_sha = null, theirs_sha = null } = body;
    const versions = { oursOid: ours_sha, theirsOid: theirs_sha };
    const options = { signal, isInteractive: true } as const;
    await sdk.sync.resolve(targetOf(user, body), file_path, decisionOf(body), versions, options);
    return { body: { resolved: true as const, file_path } };
  },
});

/** The endpoints with which conflicts are listed, read and resolved. */
export const syncConflictRoutes: readonly Route[] = [listConflicts, getConflictContent, resolveConflict];

function targetOf(
  user: CallingUser,
  sides: { readonly project_id: string; readonly repository_full_name: string; readonly branch: string },
): ConflictTarget {
  const { project_id, repository_full_name, branch } = sides;
  return { project: { userId: user.id, projectId: project_id }, repository: repository_full_name, branch };
}

interface DecisionBody {
  readonly choice?: "ours" | "theirs" | "merged" | undefined;
  readonly content?: string | undefined;
  readonly encoding?: "utf-8" | "base64" | undefined;
}

/** @throws GitHubSdkError `validation_failed` unless there is either a choice or a valid content */
function decisionOf({ choice, content, encoding }: DecisionBody): ConflictDecision {
  if (choice !== undefined && content !== undefined) {
    throw invalidFields([{ path: ["content"], message: "cannot be combined with `choice`. Remove one of them" }]);
  }
  if (choice !== undefined) return { choice };
  if (content === undefined) {
    throw invalidFields([{ path: ["choice"], message: "is required when there is no `content`" }]);
  }
  if (encoding === "base64" && !isBase64(content)) {
    throw invalidFields([{ path: ["content"], message: "is not valid base64" }]);
  }
  const bytes = Buffer.from(content, encoding ?? "utf-8");
  if (bytes.byteLength > MAX_RESOLUTION_BYTES) {
    throw invalidFields([{ path: ["content"], message: `must have at most ${MAX_RESOLUTION_BYTES} bytes` }]);
  }
  return { content: bytes };
}
