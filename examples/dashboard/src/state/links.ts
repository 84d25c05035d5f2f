import type { GitHubProjectLink, GitHubProjectLinkRequest } from "@infrajet/github-client";
import { api, failureOf, textOf } from "../api.js";
import { projectId } from "./address.js";
import { notify } from "./notice.js";
import { resource } from "./resource.js";

/** The branches that the project is linked to. */
export const links = resource(
  async (signal) => (await api.listProjectLinks({ project_id: projectId.value ?? "" }, { signal })).links,
);

/** Links the project to a branch, or changes its link. */
export function putLink(link: GitHubProjectLinkRequest): Promise<void> {
  return change(() => api.putProjectLink({ ...link, project_id: projectId.value ?? "" }));
}

/** Removes a link. */
export function deleteLink({ project_id, repository_full_name, branch }: GitHubProjectLink): Promise<void> {
  return change(() => api.deleteProjectLink({ project_id, repository_full_name, branch }));
}

async function change(request: () => Promise<unknown>): Promise<void> {
  try {
    await request();
  } catch (error) {
    notify("bad", textOf(failureOf(error)));
  }
  await links.load();
}
