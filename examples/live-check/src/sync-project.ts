import { createGitHubSdk, type GitHubSdk, isGitHubSdkError, silentLogger } from "@infrajet/github";
import type { FileMode } from "@infrajet/github/adapters";
import { MemoryProjectFiles } from "@infrajet/github/memory";
import type { Target } from "./target.js";

/** The files of a project by path. */
export type ProjectTree = Readonly<
  Record<string, string | Uint8Array | { readonly content: string; readonly mode: FileMode }>
>;

/** The target of the syncs of a project. */
export interface ProjectTarget {
  /** `owner/name`. */
  readonly repository: string;
  /** Defaults to `main`. */
  readonly branch?: string;
  readonly writer: "graphql" | "git-data" | "push";
}

const PROJECT = { userId: "live-check", projectId: "live-check" };

/** A project that is synced several times. */
export class SyncedProject {
  readonly #target: Target;
  readonly #goal: ProjectTarget;
  readonly #files = new MemoryProjectFiles();
  readonly #sdk: GitHubSdk;

  constructor(target: Target, goal: ProjectTarget) {
    this.#target = target;
    this.#goal = goal;
    const { token, apiUrl, serverUrl } = target.service;
    this.#sdk = createGitHubSdk({ auth: token, apiUrl, serverUrl, projectFiles: this.#files, logger: silentLogger });
  }

  /** Syncs the project with these files and records the outcome. Returns the commit; `null` when there is none. */
  async sync(label: string, files: ProjectTree): Promise<string | null> {
    this.#files.setProject(PROJECT, files);
    const { repository, branch = "main", writer } = this.#goal;
    const request = { method: "SYNC", path: `${repository} ${branch} ${writer}`, body: Object.keys(files).length };
    try {
      const record = await this.#sdk.sync.run({ project: PROJECT, repository, branch, writer });
      const { status, error, filesSynced, filesDeleted, conflicts, notes } = record;
      const body = {
        status,
        error: error?.code ?? null,
        files_synced: filesSynced,
        files_deleted: filesDeleted,
        conflicts: conflicts.map(({ path }) => path),
        notes: [...notes],
      };
      this.#target.record(label, request, { status: status === "completed" ? 0 : 1, headers: new Headers(), body });
      return record.commitId;
    } catch (error) {
      if (!isGitHubSdkError(error)) throw error;
      const body = { error: error.code, message: error.message };
      this.#target.record(label, request, { status: 1, headers: new Headers(), body });
      return null;
    }
  }

  /** Releases the connections. */
  close(): Promise<void> {
    return this.#sdk.close();
  }
}

/** Syncs a project once. */
export async function syncProject(
  target: Target,
  label: string,
  { files, ...goal }: ProjectTarget & { readonly files: ProjectTree },
): Promise<void> {
  const project = new SyncedProject(target, goal);
  try {
    await project.sync(label, files);
  } finally {
    await project.close();
  }
}
