import type { SyncTarget } from "@infrajet/github/adapters";
import { storeKey } from "../../src/store-key.js";
import { branchKey, projectKey, repositoryKey, userKey } from "../../src/stores/sync-record-row.js";
import { sumsKey } from "../../src/stores/sync-sums.js";

/** A project with syncs. */
export interface BenchProject {
  readonly userId: string;
  readonly projectId: string;
  readonly repository: string;
  readonly target: SyncTarget;
}

// Coprime to the periods by which records are distributed over projects.
const TYPICAL_USERS = 3_001;
const PROJECTS_OF_A_TYPICAL_USER = 3;

/** A user with few syncs. */
export const TYPICAL_USER = "user-1500";
/** The user with by far the most syncs, half of them in the first project. */
export const HEAVIEST_USER = "the-heaviest";
/** The number of the heaviest user's projects. */
export const HEAVIEST_PROJECTS = 8;

/** Returns all projects, the heaviest user's first. */
export function benchProjects(): readonly BenchProject[] {
  const users = Array.from({ length: TYPICAL_USERS }, (_, user) => `user-${user}`);
  return [
    ...projectsOf(HEAVIEST_USER, HEAVIEST_PROJECTS),
    ...users.flatMap((userId) => projectsOf(userId, PROJECTS_OF_A_TYPICAL_USER)),
  ];
}

/** Returns a project with a repository of its own. */
export function benchProject(userId: string, projectId: string): BenchProject {
  const repositoryId = Number.parseInt(storeKey(userId, projectId).slice(0, 8), 16);
  const apiUrl = "https://api.github.com";
  const target = { apiUrl, repositoryId, branch: "main", source: `project:${userId}/${projectId}`, directory: "" };
  return { userId, projectId, repository: `${userId}/${projectId}`, target };
}

/** Returns the columns whose values depend on the project. */
export function columnsOf(project: BenchProject): Readonly<Record<string, string | number>> {
  const { userId, projectId, repository, target } = project;
  return {
    project_key: projectKey(project),
    branch_key: branchKey(target),
    repository_key: repositoryKey(repository),
    user_id: userId,
    project_id: projectId,
    repository_id: target.repositoryId,
    source: target.source,
    repository,
    sums_key: sumsKey(project),
    user_key: userKey(userId),
  };
}

function projectsOf(userId: string, count: number): BenchProject[] {
  return Array.from({ length: count }, (_, index) => benchProject(userId, `project-${index}`));
}
