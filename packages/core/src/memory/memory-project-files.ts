import type {
  ProjectFileContent,
  ProjectFilesSession,
  ProjectWriteSession,
  WritableProjectFiles,
} from "../adapters/project-files.js";
import { defined } from "../defined.js";
import type { FileMode, ProjectEntry, ProjectFile, ProjectKey } from "../domain/project-file.js";
import { GitHubSdkError } from "../errors.js";
import { type HeldFile, type HeldProject, MemoryWriteSession } from "./memory-write-session.js";
import { WriteSteps } from "./write-steps.js";

/** A file of a project in memory. The content of a symbolic link is its target. */
export interface MemoryFile {
  readonly content: string | Uint8Array;
  /** Omitted when the source does not know the mode. */
  readonly mode?: FileMode;
}

/** The files of one project by path. A string or bytes is a file without a mode. */
export type MemoryFileTree = Readonly<Record<string, string | Uint8Array | MemoryFile>>;

/** Options of {@link MemoryProjectFiles}. */
export interface MemoryProjectFilesOptions {
  /** `false` for a source without file modes and symbolic links. Defaults to `true`. */
  readonly modes?: boolean;
}

const CHUNK = 64 * 1024;

/**
 * A source of project files in memory, for development and tests. Every write changes the file's version tag.
 * A directory exists while it contains a file, or when `makeDirectory` created it.
 */
export class MemoryProjectFiles implements WritableProjectFiles {
  readonly #projects = new Map<string, HeldProject>();
  readonly #steps = new WriteSteps();
  readonly #modes: boolean;
  #version = 0;

  constructor({ modes = true }: MemoryProjectFilesOptions = {}) {
    this.#modes = modes;
  }

  /** Creates the project or replaces all its files. An empty tree results in an empty project. */
  setProject(project: ProjectKey, files: MemoryFileTree = {}): void {
    this.#projects.set(keyText(project), { files: new Map(), directories: new Set() });
    for (const [path, file] of Object.entries(files)) this.setFile(project, path, file);
  }

  /** Creates or overwrites a file. Creates the project if it does not exist. */
  setFile(project: ProjectKey, path: string, file: string | Uint8Array | MemoryFile): void {
    const { content, mode = null } = isMemoryFile(file) ? file : { content: file };
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : Uint8Array.from(content);
    this.#create(project).files.set(path, { bytes, versionTag: this.#nextTag(), mode });
  }

  /** Creates a directory, which may be empty. */
  makeDirectory(project: ProjectKey, path: string): void {
    this.#create(project).directories.add(path);
  }

  /** Deletes a file. Returns false when it did not exist. */
  deleteFile(project: ProjectKey, path: string): boolean {
    return this.#projects.get(keyText(project))?.files.delete(path) ?? false;
  }

  /** Deletes a directory with everything in it. */
  deleteDirectory(project: ProjectKey, path: string): void {
    const held = this.#create(project);
    const lies = (inside: string): boolean => inside === path || inside.startsWith(`${path}/`);
    for (const file of [...held.files.keys()].filter(lies)) held.files.delete(file);
    for (const directory of [...held.directories].filter(lies)) held.directories.delete(directory);
  }

  /** Deletes a project with all its files. Returns false when it did not exist. */
  deleteProject(project: ProjectKey): boolean {
    return this.#projects.delete(keyText(project));
  }

  async open(project: ProjectKey, options: { readonly signal?: AbortSignal } = {}): Promise<ProjectFilesSession> {
    options.signal?.throwIfAborted();
    const key = keyText(project);
    if (!this.#projects.has(key)) throw new GitHubSdkError("project_not_found", "The project does not exist.");
    return new MemorySession(() => this.#projects.get(key) ?? null);
  }

  async openToWrite(
    project: ProjectKey,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<ProjectWriteSession> {
    options.signal?.throwIfAborted();
    const key = keyText(project);
    if (!this.#projects.has(key)) throw new GitHubSdkError("project_not_found", "The project does not exist.");
    return new MemoryWriteSession({
      project: () => this.#projects.get(key) ?? null,
      nextTag: () => this.#nextTag(),
      step: this.#steps.ofSession(),
      modes: this.#modes,
    });
  }

  /**
   * Fails the write session that takes the `step`-th step from now (1 is the next one), as if its process was killed there: all
   * its later calls fail too, and what it wrote stays. A write takes a step before it reads the content, one before it swaps the
   * file, and one after that; a removal takes the last two; `tidy` takes one.
   */
  failAt(step: number): void {
    this.#steps.failAt(step);
  }

  /** Runs an action before each step of every write session, such as a user's edit. `null` stops it. */
  beforeWriteStep(action: (() => Promise<void> | void) | null): void {
    this.#steps.before(action);
  }

  #nextTag(): string {
    this.#version += 1;
    return `v${this.#version}`;
  }

  #create(project: ProjectKey): HeldProject {
    const key = keyText(project);
    const held = this.#projects.get(key) ?? { files: new Map(), directories: new Set() };
    this.#projects.set(key, held);
    return held;
  }
}

class MemorySession implements ProjectFilesSession {
  readonly #project: () => HeldProject | null;
  #closed = false;

  constructor(project: () => HeldProject | null) {
    this.#project = project;
  }

  async *list(directory: string, options: { readonly signal?: AbortSignal } = {}): AsyncIterable<ProjectEntry> {
    for (const entry of children(this.#open(), directory)) {
      options.signal?.throwIfAborted();
      yield entry;
    }
  }

  async read(file: ProjectFile, options: { readonly signal?: AbortSignal } = {}): Promise<ProjectFileContent> {
    options.signal?.throwIfAborted();
    const held = this.#open().files.get(file.path);
    if (held === undefined) throw new GitHubSdkError("source_changed", `The file ${file.path} no longer exists.`);
    return { versionTag: held.versionTag, bytes: chunks(held.bytes, options.signal) };
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #open(): HeldProject {
    if (this.#closed) throw new GitHubSdkError("source_unavailable", "The session on the project is closed.");
    const project = this.#project();
    if (project === null) throw new GitHubSdkError("source_changed", "The project no longer exists.");
    return project;
  }
}

function children({ files, directories }: HeldProject, directory: string): ProjectEntry[] {
  const prefix = directory === "" ? "" : `${directory}/`;
  const entries = new Map<string, ProjectEntry>();
  let exists = directory === "" || directories.has(directory);
  for (const path of [...files.keys(), ...directories]) {
    if (!path.startsWith(prefix) || path === directory) continue;
    exists = true;
    const end = path.indexOf("/", prefix.length);
    const child = end === -1 ? path : path.slice(0, end);
    const file = files.get(child);
    entries.set(child, file === undefined ? { type: "directory", path: child } : listed(child, file));
  }
  if (!exists) throw new GitHubSdkError("source_changed", `The directory ${directory} no longer exists.`);
  return [...entries.values()];
}

function listed(path: string, { bytes, versionTag, mode }: HeldFile): ProjectFile {
  return { type: "file", path, size: bytes.length, versionTag, ...defined({ mode: mode ?? undefined }) };
}

async function* chunks(bytes: Uint8Array, signal: AbortSignal | undefined): AsyncIterable<Uint8Array> {
  for (let start = 0; start < bytes.length; start += CHUNK) {
    signal?.throwIfAborted();
    yield bytes.slice(start, start + CHUNK);
  }
}

function isMemoryFile(file: string | Uint8Array | MemoryFile): file is MemoryFile {
  return typeof file === "object" && "content" in file;
}

function keyText({ userId, projectId }: ProjectKey): string {
  return JSON.stringify([userId, projectId]);
}
