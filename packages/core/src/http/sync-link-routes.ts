import * as z from "zod";
import { branch, projectId, repositoryFullName, withDefault } from "./request-fields.js";
import { defineRoute, type Route } from "./route.js";
import { syncFields, toSyncRequest } from "./sync-body.js";
import { projectLinkSchema, projectLinksSchema, toProjectLinkResponse } from "./sync-link-wire.js";
import { named } from "./wire-value.js";

const tag = "Project sync";
const path = "/sync/link/{project_id}";
const params = z.object({ project_id: projectId });

const { project_id: _, priority: __, ...fields } = syncFields;
const linkFields = {
  ...fields,
  direction: withDefault(z.enum(["push", "pull", "two_way"]), "two_way"),
  on_conflict: withDefault(z.enum(["stop", "skip"]), "skip"),
  auto: withDefault(z.boolean().describe("Starts a sync each time that the branch moves"), true),
};

const putLink = defineRoute({
  method: "PUT",
  path,
  operationId: "putProjectLink",
  tag,
  summary: "Link a project to a branch, or replace the link that it has. Syncs run each time that the branch moves",
  auth: "user",
  input: { params, body: named("GitHubProjectLinkRequest", z.object(linkFields)) },
  project: "params",
  response: projectLinkSchema,
  errors: [400, 403, 404, 422, 429, 501],
  async handle({ sdk, user, params: { project_id }, body: { auto, ...body }, request: { signal } }) {
    const { priority: _priority, ...request } = toSyncRequest(user, { ...body, project_id, priority: "background" });
    return { body: toProjectLinkResponse(await sdk.sync.link({ ...request, auto }, { signal, isInteractive: true })) };
  },
});

const listLinks = defineRoute({
  method: "GET",
  path,
  operationId: "listProjectLinks",
  tag,
  summary: "List the links of a project, oldest first",
  auth: "user",
  input: { params },
  project: "params",
  response: projectLinksSchema,
  errors: [404, 422],
  async handle({ sdk, user, params: { project_id: projectId } }) {
    const links = await sdk.sync.links({ userId: user.id, projectId });
    return { body: { links: links.map(toProjectLinkResponse) } };
  },
});

const deleteLink = defineRoute({
  method: "DELETE",
  path,
  operationId: "deleteProjectLink",
  tag,
  summary: "Remove the link of a project to a branch. Syncs that it started go on",
  auth: "user",
  input: { params, query: z.object({ repository_full_name: repositoryFullName, branch }) },
  project: "params",
  response: named("GitHubProjectLinkRemoval", z.object({ success: z.literal(true) })),
  errors: [404, 422],
  async handle({ sdk, user, params: { project_id: projectId }, query: { repository_full_name, branch } }) {
    await sdk.sync.unlink({ project: { userId: user.id, projectId }, repository: repository_full_name, branch });
    return { body: { success: true as const } };
  },
});

/** The endpoints of links between projects and branches. */
export const syncLinkRoutes: readonly Route[] = [putLink, listLinks, deleteLink];
