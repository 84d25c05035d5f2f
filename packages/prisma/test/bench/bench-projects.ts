import type { SyncTarget } from "@infrajet/github/adapters";
import { storeKey } from "../../src/store-key.js";
import { branchKey, projectKey, repositoryKey } from "../../src/stores/sync-record-row.js";
import { sumsKey, sumsUserKey } from "../../src/stores/sync-sums.js";

/** A project that has syncs. */
export interface BenchProject {
  readonly userId: string;
  readonly projectId: string;
  readonly repository: string;
  readonly target: SyncTarget;
}

// Prime to the period of the numbers that records are shared out by.
const TYPICAL_USERS = 3_001;
const PROJECTS_OF_A_TYPICAL_USER = 3;

/** A user like most others. */
export const TYPICAL_USER = "user-1500";
/** The user who has far more syncs than anybody else, half of them in the first project. */
export const HEAVIEST_USER = "the-heaviest";
/** How many projects the heaviest user has. */
export const HEAVIEST_PROJECTS = 8;

/** All projects; the heaviest user's come first. */
export function benchProjects(): readonly BenchProject[] {
  const users = Array.from({ length: TYPICAL_USERS }, (_, user) => `user-${user}`);
  return [
    ...projectsOf(HEAVIEST_USER, HEAVIEST_PROJECTS),
    ...users.flatMap((userId) => projectsOf(userId, PROJECTS_OF_A_TYPICAL_USER)),
  ];
}

/** A project of that name, with a repository of its own. */
export function benchProject(userId: string, projectId: string): BenchProject {
  const repositoryId = Number.parseInt(storeKey(userId, projectId).slice(0, 8), 16);
  const apiUrl = "https://api.github.com";
  const target = { apiUrl, repositoryId, branch: "main", source: `project:${userId}/${projectId}`, directory: "" };
  return { userId, projectId, repository: `${userId}/${projectId}`, target };
}

/** The columns of a project's rows that differ from project to project. */
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
    user_key: sumsUserKey(userId),
  };
}

function projectsOf(userId: string, count: number): BenchProject[] {
  return Array.from({ length: count }, (_, index) => benchProject(userId, `project-${index}`));
}
