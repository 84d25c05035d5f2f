import type {
  Expected,
  ExpectedFile,
  NewContent,
  ProjectTraits,
  ProjectWriteSession,
  WriteOptions,
  Written,
} from "../adapters/project-files.js";
import { ContentFailure, isContent, verifiedContent } from "../domain/blob-hash.js";
import { keptPath, syncIdOf, writablePathProblem } from "../domain/kept-path.js";
import type { FileMode } from "../domain/project-file.js";
import { GitHubSdkError } from "../errors.js";

/** A file of a project in memory. */
export interface HeldFile {
  readonly bytes: Uint8Array;
  readonly versionTag: string;
  readonly mode: FileMode | null;
}

/** A project in memory. */
export interface HeldProject {
  readonly files: Map<string, HeldFile>;
  readonly directories: Set<string>;
}

/** The parts of a source that its write sessions use. */
export interface MemoryWriteContext {
  /** Returns `null` when the project was deleted. */
  project(): HeldProject | null;
  nextTag(): string;
  /** Called at each step of a write. */
  step(): Promise<void>;
  readonly modes: boolean;
}

/** A write session on a project in memory. Each file is compared and swapped at once. */
export class MemoryWriteSession implements ProjectWriteSession {
  readonly traits: ProjectTraits;
  readonly #context: MemoryWriteContext;
  #closed = false;

  constructor(context: MemoryWriteContext) {
    this.#context = context;
    const { modes } = context;
    this.traits = { modes, links: modes, caseSensitive: true, unicodeExact: true, refuses: writablePathProblem };
  }

  async replace(path: string, content: NewContent, when: Expected, options: WriteOptions): Promise<Written> {
    const problem = this.#problem(path, content.mode);
    if (problem !== null) return { outcome: "unsupported", reason: problem };
    await this.#step(options);
    const bytes = await wholeContent(content);
    const mode = this.#context.modes ? content.mode : null;
    return this.#swap(path, when, options, () => ({ bytes, versionTag: this.#context.nextTag(), mode }));
  }

  async remove(path: string, when: ExpectedFile, options: WriteOptions): Promise<Written> {
    const problem = this.#problem(path, null);
    if (problem !== null) return { outcome: "unsupported", reason: problem };
    return this.#swap(path, when, options, () => null);
  }

  async tidy(operation: string, _paths: Iterable<string>): Promise<void> {
    syncIdOf(operation);
    await this.#step({});
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  async #swap(path: string, when: Expected, options: WriteOptions, next: () => HeldFile | null): Promise<Written> {
    await this.#step(options);
    const { files, directories } = this.#open();
    const present = files.get(path);
    const reason = changedReason(path, present, when) ?? inTheWay({ files, directories }, path);
    if (reason !== null) return { outcome: "moved", reason };
    if (present !== undefined && options.keep === "aside")
      files.set(freeKeptPath({ files, directories }, options, path), present);
    const file = next();
    if (file === null) files.delete(path);
    else files.set(path, file);
    await this.#step({});
    return { outcome: "written", versionTag: file?.versionTag ?? null };
  }

  async #step({ operation, signal }: { readonly operation?: string; readonly signal?: AbortSignal }): Promise<void> {
    if (operation !== undefined) syncIdOf(operation);
    signal?.throwIfAborted();
    this.#open();
    await this.#context.step();
    signal?.throwIfAborted();
  }

  #problem(path: string, mode: FileMode | null): string | null {
    if (mode === "120000" && !this.traits.links) return `${path} is a symbolic link, which this source cannot store.`;
    return this.traits.refuses(path);
  }

  #open(): HeldProject {
    if (this.#closed) throw new GitHubSdkError("source_unavailable", "The session on the project is closed.");
    const project = this.#context.project();
    if (project === null) throw new GitHubSdkError("source_changed", "The project no longer exists.");
    return project;
  }
}

async function wholeContent(content: NewContent): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of verifiedContent(content, content.bytes())) pieces.push(piece);
  } catch (error) {
    throw error instanceof ContentFailure ? error.cause : error;
  }
  return new Uint8Array(Buffer.concat(pieces));
}

function changedReason(path: string, present: HeldFile | undefined, when: Expected): string | null {
  if (when === "absent") return present === undefined ? null : `${path} was created in the project.`;
  if (present === undefined) return `${path} was removed from the project.`;
  const isExpected = present.versionTag === when.versionTag || isContent(when, present.bytes);
  return isExpected ? null : `${path} was changed in the project.`;
}

/** Returns the reason when the path is a directory, or a parent of it is a file. */
function inTheWay({ files, directories }: HeldProject, path: string): string | null {
  const below = `${path}/`;
  if (directories.has(path) || [...files.keys(), ...directories].some((other) => other.startsWith(below))) {
    return `${path} is a directory in the project.`;
  }
  const parents = path.split("/").slice(0, -1);
  const file = parents.map((_, depth) => parents.slice(0, depth + 1).join("/")).find((parent) => files.has(parent));
  return file === undefined ? null : `${file} is a file in the project.`;
}

function freeKeptPath(project: HeldProject, { operation }: WriteOptions, path: string): string {
  for (let number = 1; ; number += 1) {
    const kept = keptPath(operation, path, number);
    if (!project.files.has(kept) && inTheWay(project, kept) === null) return kept;
  }
}
