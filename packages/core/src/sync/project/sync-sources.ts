import type { ProjectFiles } from "../../adapters/project-files.js";
import type { SyncRecord } from "../../domain/sync-record.js";
import { GitHubSdkError } from "../../errors.js";

/** Where the files of a record are: in the host's source, or in this process when they were handed over with the call. */
export class SyncSources {
  readonly #projectFiles: ProjectFiles;
  readonly #handedOver = new Map<number, ProjectFiles>();

  constructor(projectFiles: ProjectFiles) {
    this.#projectFiles = projectFiles;
  }

  /** Keeps files that came with a call until its record has ended. */
  handOver(syncId: number, files: ProjectFiles): void {
    this.#handedOver.set(syncId, files);
  }

  /** Lets go of what was handed over. */
  release(syncId: number): void {
    this.#handedOver.delete(syncId);
  }

  /** Whether files were handed over with that sync. */
  holds(syncId: number): boolean {
    return this.#handedOver.has(syncId);
  }

  /** Whether this process can run the record. */
  has({ id, target }: SyncRecord): boolean {
    return target.source.startsWith("project:") || this.holds(id);
  }

  /** @throws GitHubSdkError `source_unavailable` when the files were handed over to a process that is gone. */
  of(record: SyncRecord): ProjectFiles {
    if (record.target.source.startsWith("project:")) return this.#projectFiles;
    const files = this.#handedOver.get(record.id);
    if (files === undefined) throw filesGone();
    return files;
  }
}

/** The files of a call do not outlive the process that took it. */
export function filesGone(): GitHubSdkError {
  return new GitHubSdkError("source_unavailable", "The files came with a call that was interrupted. Send them again.");
}
