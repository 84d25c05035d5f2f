import {
  decodeProjectLink,
  type ProjectLink,
  type ProjectLinkDraft,
  type ProjectLinkKey,
  projectLinkText,
} from "@infrajet/github/adapters";
import type { ProjectLinkRow } from "../client.js";
import { storeKey } from "../store-key.js";
import { parseStoredJson } from "../stored-json.js";
import { branchKey, projectKey, userKey } from "./sync-record-row.js";

/** Encodes a new link as a row. */
export function projectLinkRow(link: ProjectLinkDraft): ProjectLinkRow {
  const { userId, projectId, target, repository, direction, options, auto, createdAt } = link;
  return {
    key: projectLinkKey(link),
    projectKey: projectKey(link),
    userKey: userKey(userId),
    branchKey: branchKey(target),
    ...{ userId, projectId, ...target, repositoryId: BigInt(target.repositoryId), repository, direction, auto },
    options: JSON.stringify(options),
    createdAt: new Date(createdAt),
    ...{ lastSyncId: null, head: null },
  };
}

/** Decodes a link. @throws GitHubSdkError `store_failed` when the row is damaged or of a newer version */
export function projectLinkOf(row: ProjectLinkRow): ProjectLink {
  const { userId, projectId, apiUrl, repositoryId, branch, source, directory, createdAt } = row;
  const { repository, direction, auto, lastSyncId, head } = row;
  return decodeProjectLink({
    ...{ userId, projectId, repository, direction, auto, lastSyncId, head },
    target: { apiUrl, repositoryId: Number(repositoryId), branch, source, directory },
    options: parseStoredJson("link", row.options),
    createdAt: createdAt.toISOString(),
  });
}

/** Returns the key of a link. */
export function projectLinkKey(link: ProjectLinkKey): string {
  return storeKey(projectLinkText(link));
}
