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

/** What happens at the source besides what it is asked; each is called before the answer is made. */
export interface Happenings {
  readonly onList?: (directory: string, time: number) => void | Promise<void>;
  readonly onRead?: (path: string, time: number) => void | Promise<void>;
  /** Changes what is told of a file when it is listed. */
  readonly listed?: (file: ProjectFile) => ProjectEntry;
  /** Changes what comes of a file when it is read. */
  readonly content?: (content: ProjectFileContent, path: string, time: number) => ProjectFileContent;
}

/** A look at a project in memory that writes down what it is asked, and how much of that at the same time. */
class RecordedSession implements ProjectFilesSession {
  readonly lists: string[] = [];
  readonly reads: string[] = [];
  /** Contents whose reading was begun and has not ended. */
  open = 0;
  mostLists = 0;
  mostReads = 0;
  closed = 0;
  #listing = 0;

  constructor(
    readonly session: ProjectFilesSession,
    readonly happenings: Happenings,
  ) {}

  async *list(directory: string, options: { readonly signal?: AbortSignal } = {}): AsyncIterable<ProjectEntry> {
    this.lists.push(directory);
    this.#listing += 1;
    this.mostLists = Math.max(this.mostLists, this.#listing);
    try {
      await this.happenings.onList?.(directory, countOf(this.lists, directory));
      await nextTurn();
      for await (const entry of this.session.list(directory, options)) {
        yield entry.type === "file" ? (this.happenings.listed?.(entry) ?? entry) : entry;
      }
    } finally {
      this.#listing -= 1;
    }
  }

  async read(file: ProjectFile, options: { readonly signal?: AbortSignal } = {}): Promise<ProjectFileContent> {
    this.reads.push(file.path);
    const time = countOf(this.reads, file.path);
    await this.happenings.onRead?.(file.path, time);
    const content = await this.session.read(file, options);
    const { versionTag, bytes } = this.happenings.content?.(content, file.path, time) ?? content;
    this.open += 1;
    this.mostReads = Math.max(this.mostReads, this.open);
    return { versionTag, bytes: this.#counted(bytes) };
  }

  async close(): Promise<void> {
    this.closed += 1;
    await this.session.close();
  }

  /** What was opened closes when its reading ends, however it ends: a source has nothing else to go by. */
  async *#counted(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    try {
      await nextTurn();
      yield* bytes;
    } finally {
      this.open -= 1;
    }
  }
}

/** A project in memory, and a look at it. */
export async function recordedProject(files: MemoryFileTree, happenings: Happenings = {}) {
  const source = new MemoryProjectFiles();
  source.setProject(PROJECT, files);
  const session = new RecordedSession(await source.open(PROJECT), happenings);
  return {
    session,
    set: (path: string, content: string): void => source.setFile(PROJECT, path, content),
    remove: (path: string): void => void source.deleteFile(PROJECT, path),
  };
}

/** Lets everything that is ready run, so that what may run side by side does. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function countOf(all: readonly string[], one: string): number {
  return all.filter((other) => other === one).length;
}
