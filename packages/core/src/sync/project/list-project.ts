import pMap from "p-map";
import type { ProjectFilesSession } from "../../adapters/project-files.js";
import type { IgnoreFile } from "../../domain/baseline.js";
import type { ProjectEntry, ProjectFile } from "../../domain/project-file.js";
import { GitHubSdkError } from "../../errors.js";
import { checkPath, joinPath, type PathProblem } from "../../git/path.js";
import { readAtMost } from "../../read-at-most.js";
import { yieldingToEventLoop } from "../../timing/yield-to-event-loop.js";
import { IGNORE_FILES, IgnoreRules } from "./ignore-rules.js";

/** A complete listing of a project, without what its ignore rules leave out. */
export interface ProjectListing {
  readonly files: ReadonlyMap<string, ProjectFile>;
  /** What was left out; a directory that was not entered ends in `/`. */
  readonly ignored: readonly string[];
  readonly rules: IgnoreRules;
  /** The ignore files as they were read, to be kept for the next time. */
  readonly ignoreFiles: ReadonlyMap<string, IgnoreFile>;
}

/** What a listing needs to know. */
export interface ListingOptions {
  /** Ignore files as they were last read; one whose version tag is the same is not read again. */
  readonly knownIgnoreFiles: ReadonlyMap<string, IgnoreFile>;
  /** Only these paths are wanted; directories that hold none of them are not entered. `null`: all. */
  readonly only: ReadonlySet<string> | null;
  /** Whether the built-in ignore rules and the project's ignore files count. */
  readonly applyIgnoreRules: boolean;
  readonly signal: AbortSignal;
}

const DIRECTORIES_AT_ONCE = 8;
const IGNORE_FILE_LIMIT = 64 * 1024;
const PROBLEMS_IN_A_MESSAGE = 20;

/**
 * Lists a project directory by directory, applying its ignore rules on the way.
 *
 * @throws GitHubSdkError `invalid_path` naming every path that git would refuse, and whatever the source throws: a listing
 * is whole or it is none.
 */
export async function listProject(session: ProjectFilesSession, options: ListingOptions): Promise<ProjectListing> {
  const listing = new ListingInProgress(session, options);
  for (let directories = [""]; directories.length > 0; ) {
    const children = await pMap(directories, (directory) => listing.enter(directory), {
      concurrency: DIRECTORIES_AT_ONCE,
      signal: options.signal,
    });
    directories = children.flat();
  }
  return listing.finish();
}

class ListingInProgress {
  readonly #files = new Map<string, ProjectFile>();
  readonly #ignored: string[] = [];
  readonly #ignoreFiles = new Map<string, IgnoreFile>();
  readonly #problems: PathProblem[] = [];
  readonly #rules: IgnoreRules;
  readonly #wantedDirectories: ReadonlySet<string> | null;

  constructor(
    readonly session: ProjectFilesSession,
    readonly options: ListingOptions,
  ) {
    this.#rules = options.applyIgnoreRules ? new IgnoreRules() : new IgnoreRules([]);
    this.#wantedDirectories = options.only === null ? null : directoriesAbove(options.only);
  }

  /** Takes in one directory and gives the directories below it that are to be entered. */
  async enter(directory: string): Promise<string[]> {
    const entries: ProjectEntry[] = [];
    for await (const entry of this.session.list(directory, { signal: this.options.signal })) entries.push(entry);
    if (this.options.applyIgnoreRules) {
      for (const name of IGNORE_FILES) await this.#readIgnoreFile(directory, name, entries);
    }
    const children: string[] = [];
    for await (const entry of yieldingToEventLoop(entries, this.options.signal)) {
      if (this.#take(entry)) children.push(entry.path);
    }
    return children;
  }

  finish(): ProjectListing {
    if (this.#problems.length > 0) throw invalidPaths(this.#problems);
    return {
      files: this.#files,
      ignored: this.#ignored.sort(),
      rules: this.#rules,
      ignoreFiles: this.#ignoreFiles,
    };
  }

  /** Sorts an entry in; `true` for a directory that is to be entered. */
  #take(entry: ProjectEntry): boolean {
    const { path } = entry;
    const isDirectory = entry.type === "directory";
    if (this.#rules.leavesOut(path, isDirectory)) {
      this.#ignored.push(isDirectory ? `${path}/` : path);
      return false;
    }
    const isWanted = (isDirectory ? this.#wantedDirectories : this.options.only)?.has(path) ?? true;
    if (!isWanted) return false;
    const problem = checkPath(path, entry.type === "file" ? entry.mode : undefined);
    if (problem !== null) this.#problems.push(problem);
    else if (entry.type === "file") this.#files.set(path, entry);
    return isDirectory && problem === null;
  }

  async #readIgnoreFile(directory: string, name: string, entries: readonly ProjectEntry[]): Promise<void> {
    const path = joinPath(directory, name);
    const file = entries.find((entry): entry is ProjectFile => entry.type === "file" && entry.path === path);
    if (file === undefined || file.mode === "120000") return;
    const known = this.options.knownIgnoreFiles.get(path);
    const unchanged = known !== undefined && known.versionTag !== null && known.versionTag === file.versionTag;
    const current = unchanged ? known : await this.#readText(file);
    this.#ignoreFiles.set(path, current);
    this.#rules.add(directory, current.text);
  }

  async #readText(file: ProjectFile): Promise<IgnoreFile> {
    if (file.size > IGNORE_FILE_LIMIT) throw ignoreFileTooLarge(file.path);
    const content = await this.session.read(file, { signal: this.options.signal });
    const bytes = await readAtMost(content.bytes, IGNORE_FILE_LIMIT, () => ignoreFileTooLarge(file.path));
    // A file that moved since it was listed is read again next time.
    const versionTag = content.versionTag === file.versionTag ? file.versionTag : null;
    return { versionTag, text: Buffer.from(bytes).toString("utf8") };
  }
}

function directoriesAbove(paths: ReadonlySet<string>): ReadonlySet<string> {
  const directories = new Set<string>();
  for (const path of paths) {
    for (let slash = path.lastIndexOf("/"); slash !== -1; slash = path.lastIndexOf("/", slash - 1)) {
      directories.add(path.slice(0, slash));
    }
  }
  return directories;
}

function invalidPaths(problems: readonly PathProblem[]): GitHubSdkError {
  const named = problems
    .slice(0, PROBLEMS_IN_A_MESSAGE)
    .map(({ path, message }) => `${JSON.stringify(path)} (${message})`);
  const more = problems.length > named.length ? `; and ${problems.length - named.length} more` : "";
  return new GitHubSdkError(
    "invalid_path",
    `The repository cannot hold these paths; rename them or ignore them in .infrajetignore: ${named.join("; ")}${more}`,
    { details: { paths: problems.slice(0, 100).map(({ path }) => path), count: problems.length } },
  );
}

function ignoreFileTooLarge(path: string): GitHubSdkError {
  return new GitHubSdkError("file_too_large", `"${path}" is too large for an ignore file (limit 64 kB).`, {
    details: { path },
  });
}
