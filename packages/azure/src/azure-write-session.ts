import {
  type Expected,
  type ExpectedFile,
  keptPath,
  type NewContent,
  type ProjectTraits,
  type ProjectWriteSession,
  syncIdOf,
  type WriteOptions,
  type Written,
  writablePathProblem,
} from "@infrajet/github/adapters";
import { GitHubSdkError, isGitHubSdkError } from "@infrajet/github/errors";
import { azureError, failureOf } from "./azure-failure.js";
import { assertWritablePath } from "./azure-name.js";
import { throwIfAborted } from "./azure-requests.js";
import { AzureSwap, removeEmptyDirectories } from "./azure-swap.js";
import { listWhole } from "./directory-listing.js";
import { type FileLeases, releaseLease } from "./file-lease.js";
import { below } from "./find-project.js";
import { TemporaryFile, type WritableProject } from "./temporary-file.js";
import { derivedId, isUnfinishedName, unfinishedName } from "./unfinished-name.js";
import { failedWrite, unsupported } from "./write-outcome.js";

const DIRECTORIES_AT_ONCE = 4;

/** A write session on a project's directory in a share. */
export class AzureWriteSession implements ProjectWriteSession {
  readonly traits: ProjectTraits;
  readonly #project: WritableProject;
  readonly #leases: FileLeases;
  readonly #ended = new AbortController();

  constructor(project: WritableProject, leases: FileLeases) {
    this.#project = project;
    this.#leases = leases;
    const refuses = (path: string): string | null => pathProblem(path, project.path);
    this.traits = { modes: false, links: false, caseSensitive: false, unicodeExact: true, refuses };
  }

  async replace(path: string, content: NewContent, when: Expected, options: WriteOptions): Promise<Written> {
    if (content.mode === "120000") return unsupported(`${path} is a symbolic link, which Azure Files does not store.`);
    return this.#write(path, options, (swap) =>
      when === "absent" ? swap.create(content) : swap.replace(content, when),
    );
  }

  async remove(path: string, when: ExpectedFile, options: WriteOptions): Promise<Written> {
    const written = await this.#write(path, options, (swap) => swap.remove(when));
    if (written.outcome === "written") await removeEmptyDirectories(this.#project, path);
    return written;
  }

  async tidy(operation: string, paths: Iterable<string>): Promise<void> {
    throwIfAborted([this.#ended.signal]);
    syncIdOf(operation);
    const byDirectory = new Map<string, string[]>();
    for (const path of paths) {
      if (this.traits.refuses(path) !== null) continue;
      const directory = path.slice(0, Math.max(path.lastIndexOf("/"), 0));
      byDirectory.set(directory, [...(byDirectory.get(directory) ?? []), path]);
    }
    const left = [...byDirectory];
    const work = async (): Promise<void> => {
      for (let next = left.shift(); next !== undefined; next = left.shift())
        await this.#tidyDirectory(operation, ...next);
    };
    await Promise.all(Array.from({ length: DIRECTORIES_AT_ONCE }, work));
  }

  async close(): Promise<void> {
    this.#ended.abort(new GitHubSdkError("source_unavailable", "The project's session is closed."));
  }

  async #write(path: string, options: WriteOptions, write: (swap: AzureSwap) => Promise<Written>): Promise<Written> {
    const signals = [this.#ended.signal, ...(options.signal === undefined ? [] : [options.signal])];
    throwIfAborted(signals);
    syncIdOf(options.operation);
    const problem = this.traits.refuses(path);
    if (problem !== null) return unsupported(problem);
    try {
      return await write(new AzureSwap(this.#project, this.#leases, path, options, signals));
    } catch (error) {
      throwIfAborted(signals);
      return failedWrite(error, path);
    }
  }

  /** Deletes the temporary files and releases the leases of writes to these files of one directory. */
  async #tidyDirectory(operation: string, directory: string, paths: readonly string[]): Promise<void> {
    try {
      const names = await this.#namesIn(directory);
      for (const path of paths) {
        for (const purpose of ["content", "kept"] as const) {
          const id = derivedId(purpose, operation, path);
          if (names.has(unfinishedName(id))) await new TemporaryFile(this.#project, path, id).remove();
        }
        if (names.has(path.slice(path.lastIndexOf("/") + 1).toLowerCase())) await this.#release(operation, path);
        await removeEmptyDirectories(this.#project, keptPath(operation, path));
      }
      const [first] = paths;
      if (first !== undefined) await removeEmptyDirectories(this.#project, first);
    } catch (error) {
      throw azureError(error, directory);
    }
  }

  /** Returns the names of the files in a directory, in lower case, because Azure ignores case. */
  async #namesIn(directory: string): Promise<ReadonlySet<string>> {
    const client = below(this.#project.directory, directory === "" ? [] : [directory]);
    try {
      const query = { requests: this.#project.requests, signals: [] };
      const pages = await listWhole(client, query, false);
      return new Set((pages ?? []).flatMap(({ files }) => files.map(({ name }) => name.toLowerCase())));
    } catch (error) {
      const { kind } = failureOf(error);
      if (directory !== "" && (kind === "gone" || kind === "changed")) return new Set();
      throw error;
    }
  }

  async #release(operation: string, path: string): Promise<void> {
    const file = this.#project.directory.getFileClient(path);
    try {
      await releaseLease(file, derivedId("lease", operation, path), this.#project.requests);
    } catch (error) {
      // There is no lease, or another program holds one, or the file is gone.
      const { kind } = failureOf(error);
      if (kind !== "gone" && kind !== "changed" && kind !== "in_use") throw error;
    }
  }
}

function pathProblem(path: string, project: string): string | null {
  const problem = writablePathProblem(path);
  if (problem !== null) return problem;
  if (path.split("/").some(isUnfinishedName)) return `${JSON.stringify(path)} is reserved for temporary files.`;
  try {
    assertWritablePath(path, project);
    return null;
  } catch (error) {
    if (isGitHubSdkError(error, "invalid_path")) return error.message;
    throw error;
  }
}
