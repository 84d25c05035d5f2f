import type { ProjectFileContent, ProjectFilesSession } from "../../../src/adapters/project-files.js";
import type { IgnoreFile } from "../../../src/domain/baseline.js";
import type { ProjectEntry, ProjectFile } from "../../../src/domain/project-file.js";
import { type MemoryFileTree, MemoryProjectFiles } from "../../../src/memory/memory-project-files.js";

export const PROJECT = { userId: "ada", projectId: "infra" };

/** Options of a listing of the whole project, with its ignore rules. */
export const WHOLE_PROJECT = {
  knownIgnoreFiles: new Map<string, IgnoreFile>(),
  only: null,
  applyIgnoreRules: true,
  signal: new AbortController().signal,
};

/** Hooks of the source, called before each response. */
export interface SessionHooks {
  readonly onList?: (directory: string, time: number) => void | Promise<void>;
  readonly onRead?: (path: string, time: number) => void | Promise<void>;
  /** Changes the listed entry of a file. */
  readonly listed?: (file: ProjectFile) => ProjectEntry;
  /** Changes the content of a file that is read. */
  readonly content?: (content: ProjectFileContent, path: string, time: number) => ProjectFileContent;
}

/** A session on a project in memory that records its calls and how many were concurrent. */
class RecordedSession implements ProjectFilesSession {
  readonly lists: string[] = [];
  readonly reads: string[] = [];
  /** The number of contents that are being read. */
  open = 0;
  mostLists = 0;
  mostReads = 0;
  closed = 0;
  #listing = 0;

  constructor(
    readonly session: ProjectFilesSession,
    readonly hooks: SessionHooks,
  ) {}

  async *list(directory: string, options: { readonly signal?: AbortSignal } = {}): AsyncIterable<ProjectEntry> {
    this.lists.push(directory);
    this.#listing += 1;
    this.mostLists = Math.max(this.mostLists, this.#listing);
    try {
      await this.hooks.onList?.(directory, countOf(this.lists, directory));
      await nextTurn();
      for await (const entry of this.session.list(directory, options)) {
        yield entry.type === "file" ? (this.hooks.listed?.(entry) ?? entry) : entry;
      }
    } finally {
      this.#listing -= 1;
    }
  }

  async read(file: ProjectFile, options: { readonly signal?: AbortSignal } = {}): Promise<ProjectFileContent> {
    this.reads.push(file.path);
    const time = countOf(this.reads, file.path);
    await this.hooks.onRead?.(file.path, time);
    const content = await this.session.read(file, options);
    const { versionTag, bytes } = this.hooks.content?.(content, file.path, time) ?? content;
    this.open += 1;
    this.mostReads = Math.max(this.mostReads, this.open);
    return { versionTag, bytes: this.#counted(bytes) };
  }

  async close(): Promise<void> {
    this.closed += 1;
    await this.session.close();
  }

  /** Counts a content as closed when its iteration ends. */
  async *#counted(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    try {
      await nextTurn();
      yield* bytes;
    } finally {
      this.open -= 1;
    }
  }
}

/** Returns a project in memory and a session on it. */
export async function recordedProject(files: MemoryFileTree, hooks: SessionHooks = {}) {
  const source = new MemoryProjectFiles();
  source.setProject(PROJECT, files);
  const session = new RecordedSession(await source.open(PROJECT), hooks);
  return {
    session,
    set: (path: string, content: string): void => source.setFile(PROJECT, path, content),
    remove: (path: string): void => void source.deleteFile(PROJECT, path),
  };
}

/** Resolves after everything that is ready has run. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function countOf(all: readonly string[], one: string): number {
  return all.filter((other) => other === one).length;
}
