import pMap from "p-map";
import type {
  Expected,
  ExpectedFile,
  NewContent,
  ProjectTraits,
  ProjectWriteSession,
  WriteOptions,
  Written,
} from "../adapters/project-files.js";
import { ContentFailure } from "../domain/blob-hash.js";
import { syncIdOf } from "../domain/kept-path.js";
import { GitHubSdkError } from "../errors.js";
import { errorCode, isGone, writeError } from "./file-error.js";
import { FilePlace } from "./file-place.js";
import { FileSwap } from "./file-swap.js";
import type { FolderContext } from "./folder-session.js";
import { folderTraits } from "./folder-traits.js";
import { linkTargetOf } from "./link-target.js";
import type { OpenDirectory } from "./open-directory.js";
import type { ProjectDirectory } from "./project-directory.js";
import { ProjectTree, parentOf } from "./project-tree.js";
import { hiddenFilesOf, tidyFile } from "./tidy-file.js";

// A removal of another file may remove the directory, empty at that moment, before this write puts something into it.
const TRIES = 5;
const DIRECTORIES_AT_ONCE = 8;
// On Windows a file that a program has open cannot be renamed.
const BUSY = new Set(process.platform === "win32" ? ["EBUSY", "EPERM", "EACCES"] : ["EBUSY", "ETXTBSY"]);
const UNSUPPORTED = new Set(["ENAMETOOLONG", "EINVAL", "EILSEQ"]);

/** A write session of one project folder. Symbolic links are content and never followed. */
export class FolderWriteSession implements ProjectWriteSession {
  readonly traits: ProjectTraits;
  readonly #tree: ProjectTree;
  readonly #context: FolderContext;
  #closed = false;

  private constructor(root: ProjectDirectory, context: FolderContext, traits: ProjectTraits) {
    this.#tree = new ProjectTree(root);
    this.#context = context;
    this.traits = traits;
  }

  /** Opens a session. */
  static async open(root: ProjectDirectory, context: FolderContext): Promise<FolderWriteSession> {
    return new FolderWriteSession(root, context, await folderTraits(root.path, context.fileMode));
  }

  async replace(path: string, content: NewContent, when: Expected, options: WriteOptions): Promise<Written> {
    return this.#write(path, options, async () => {
      const link = content.mode === "120000" ? await this.#linkTarget(path, content) : { target: null };
      if ("problem" in link) return unsupported(link.problem);
      return this.#swap(path, when, options, (swap) => swap.replace(content, link.target));
    });
  }

  async remove(path: string, when: ExpectedFile, options: WriteOptions): Promise<Written> {
    return this.#write(path, options, async () => {
      const written = await this.#swap(path, when, options, (swap) => swap.remove());
      if (written.outcome === "written") await this.#tree.removeEmpty(parentOf(path));
      return written;
    });
  }

  async tidy(operation: string, paths: Iterable<string>): Promise<void> {
    this.#assertOpen();
    syncIdOf(operation);
    const byDirectory = new Map<string, string[]>();
    for (const path of paths) {
      if (this.traits.refuses(path) !== null) continue;
      byDirectory.set(parentOf(path), [...(byDirectory.get(parentOf(path)) ?? []), path]);
    }
    await this.#tree.assertInPlace();
    await pMap(byDirectory, ([directory, inside]) => this.#tidyDirectory(operation, directory, inside), {
      concurrency: DIRECTORIES_AT_ONCE,
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  /** Runs a write with its checks and maps its errors. A write counts as one open file. */
  async #write(path: string, { operation, signal }: WriteOptions, write: () => Promise<Written>): Promise<Written> {
    this.#assertOpen();
    syncIdOf(operation);
    const problem = this.traits.refuses(path);
    if (problem !== null) return unsupported(problem);
    const release = await this.#context.slots.acquire(signal);
    try {
      await this.#tree.assertInPlace();
      return await write();
    } catch (error) {
      if (error instanceof ContentFailure) throw error.cause;
      const code = errorCode(error) ?? "";
      if (BUSY.has(code)) return { outcome: "busy", reason: `${path} is open in another program (${code}).` };
      if (UNSUPPORTED.has(code)) return unsupported(`The file system does not support the path ${path} (${code}).`);
      throw error === signal?.reason ? error : writeError(error, path);
    } finally {
      release();
    }
  }

  async #linkTarget(
    path: string,
    content: NewContent,
  ): Promise<{ readonly target: Buffer } | { readonly problem: string }> {
    if (this.traits.links) return linkTargetOf(path, content);
    return { problem: `${path} is a symbolic link, which this folder cannot store.` };
  }

  /** Swaps a file in its directory. When the directory was removed before anything was swapped, it tries again. */
  async #swap(
    path: string,
    when: Expected,
    options: WriteOptions,
    run: (swap: FileSwap) => Promise<Written>,
  ): Promise<Written> {
    for (let tries = 1; ; tries += 1) {
      const parent = await this.#openParent(path, when);
      if (parent === null) return { outcome: "moved", reason: `The directory of ${path} was removed or replaced.` };
      const place = new FilePlace(this.#tree, parent.directory, path, options.operation);
      let isWritten = false;
      try {
        const keeps = options.keep === "aside" && when !== "absent";
        if (keeps && !(await place.prepareToKeep())) return unsupported(cannotKeep(path));
        const written = await run(new FileSwap(place, this.#context, when, options));
        isWritten = written.outcome === "written";
        return written;
      } catch (error) {
        if (!isGone(error) || tries === TRIES) throw error;
      } finally {
        await parent.directory.close();
        if (!isWritten) await this.#removeCreated(place, parent.isCreated);
      }
    }
  }

  async #openParent(
    path: string,
    when: Expected,
  ): Promise<{ readonly directory: OpenDirectory; readonly isCreated: boolean } | null> {
    const present = await this.#tree.open(parentOf(path));
    if (present !== null) return { directory: present, isCreated: false };
    const created = when === "absent" ? await this.#tree.openOrCreate(parentOf(path)) : null;
    return created === null ? null : { directory: created, isCreated: true };
  }

  /** Removes the directories that were created for a file that was not written. Failures do not hide the outcome. */
  async #removeCreated(place: FilePlace, isCreated: boolean): Promise<void> {
    try {
      await place.removeEmptyKept();
      if (isCreated) await this.#tree.removeEmpty(parentOf(place.path));
    } catch {
      // `tidy` removes them.
    }
  }

  async #tidyDirectory(operation: string, directory: string, paths: readonly string[]): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        await this.#tidyFiles(operation, directory, paths);
        return await this.#tree.removeEmpty(directory);
      } catch (error) {
        // A user removed a file or the directory.
        if (!isGone(error) || tries === TRIES) throw writeError(error, directory);
      }
    }
  }

  async #tidyFiles(operation: string, directory: string, paths: readonly string[]): Promise<void> {
    const opened = await this.#tree.open(directory);
    if (opened === null) return;
    try {
      const left = await hiddenFilesOf(operation, opened);
      for (const path of paths) {
        const place = new FilePlace(this.#tree, opened, path, operation);
        await tidyFile(place, left);
        await place.removeEmptyKept();
      }
      if (left.length > 0) await opened.sync();
    } finally {
      await opened.close();
    }
  }

  #assertOpen(): void {
    if (this.#closed) throw new GitHubSdkError("source_unavailable", "The session of the project was closed.");
  }
}

function unsupported(reason: string): Written {
  return { outcome: "unsupported", reason };
}

function cannotKeep(path: string): string {
  return `The replaced version of ${path} cannot be kept, because .infrajet/kept is not a directory.`;
}
