import pMap from "p-map";
import type { ProjectFilesSession } from "../../adapters/project-files.js";
import type { IgnoreFile } from "../../domain/baseline.js";
import type { ProjectEntry, ProjectFile } from "../../domain/project-file.js";
import { GitHubSdkError } from "../../errors.js";
import { checkPath, joinPath, type PathProblem } from "../../git/path.js";
import { readAtMost } from "../../read-at-most.js";
import { yieldingToEventLoop } from "../../timing/yield-to-event-loop.js";
import { IGNORE_FILES, IgnoreRules } from "./ignore-rules.js";

/** A complete listing of a project, without ignored files. */
export interface ProjectListing {
  readonly files: ReadonlyMap<string, ProjectFile>;
  /** Ignored entries, sorted. An ignored directory ends in `/` and is not entered. */
  readonly ignored: readonly string[];
  readonly rules: IgnoreRules;
  /** The ignore files with their contents, to be kept for the next listing. */
  readonly ignoreFiles: ReadonlyMap<string, IgnoreFile>;
}

/** The parameters of a listing. */
export interface ListingOptions {
  /** The ignore files of an earlier listing. One with the same version tag is not read again. */
  readonly knownIgnoreFiles: ReadonlyMap<string, IgnoreFile>;
  /** The paths to list; directories that contain none of them are not entered. `null` lists all. */
  readonly only: ReadonlySet<string> | null;
  /** Applies the built-in ignore rules and the project's ignore files. */
  readonly applyIgnoreRules: boolean;
  readonly signal: AbortSignal;
}

const DIRECTORIES_AT_ONCE = 8;
const IGNORE_FILE_LIMIT = 64 * 1024;
const ALL_IGNORE_FILES_LIMIT = 1024 * 1024;
const PROBLEMS_IN_A_MESSAGE = 20;

/**
 * Lists a project directory by directory and applies its ignore rules.
 *
 * The listing is complete, or the function throws.
 *
 * @throws GitHubSdkError `invalid_path` with every path that git would reject, `file_too_large` for one ignore file,
 * `input_too_large` for all of them together, and what the source throws
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
  #ignoreFileBytes = 0;
  readonly #rules: IgnoreRules;
  readonly #wantedDirectories: ReadonlySet<string> | null;
  readonly session: ProjectFilesSession;
  readonly options: ListingOptions;

  constructor(session: ProjectFilesSession, options: ListingOptions) {
    this.session = session;
    this.options = options;
    this.#rules = options.applyIgnoreRules ? new IgnoreRules() : new IgnoreRules([]);
    this.#wantedDirectories = options.only === null ? null : directoriesAbove(options.only);
  }

  /** Lists one directory and returns the directories below it that have to be listed. */
  async enter(directory: string): Promise<string[]> {
    const entries: ProjectEntry[] = [];
    for await (const entry of this.session.list(directory, { signal: this.options.signal })) entries.push(entry);
    if (this.options.applyIgnoreRules) {
      for (const name of IGNORE_FILES) await this.#readIgnoreFile(directory, name, entries);
    }
    const children: string[] = [];
    for await (const entry of yieldingToEventLoop(entries, this.options.signal)) {
      if (await this.#take(entry)) children.push(entry.path);
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

  /** Records an entry; returns `true` for a directory that has to be listed. */
  async #take(entry: ProjectEntry): Promise<boolean> {
    const { path } = entry;
    const isDirectory = entry.type === "directory";
    if (await this.#rules.ignores(path, isDirectory, this.options.signal)) {
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
    this.#ignoreFileBytes += Buffer.byteLength(current.text);
    if (this.#ignoreFileBytes > ALL_IGNORE_FILES_LIMIT) throw ignoreFilesTooLarge();
    this.#ignoreFiles.set(path, current);
    await this.#rules.add(directory, current.text, this.options.signal);
  }

  async #readText(file: ProjectFile): Promise<IgnoreFile> {
    if (file.size > IGNORE_FILE_LIMIT) throw ignoreFileTooLarge(file.path);
    const content = await this.session.read(file, { signal: this.options.signal });
    const bytes = await readAtMost(content.bytes, IGNORE_FILE_LIMIT, () => ignoreFileTooLarge(file.path));
    // A file that changed since it was listed must be read again at the next sync.
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
    `Git does not allow these paths. Rename them or add them to .infrajetignore: ${named.join("; ")}${more}`,
    { details: { paths: problems.slice(0, 100).map(({ path }) => path), count: problems.length } },
  );
}

function ignoreFilesTooLarge(): GitHubSdkError {
  return new GitHubSdkError(
    "input_too_large",
    "The project's ignore files exceed the limit of 1 MB in total. Shorten them or remove some.",
  );
}

function ignoreFileTooLarge(path: string): GitHubSdkError {
  return new GitHubSdkError("file_too_large", `The ignore file "${path}" exceeds the limit of 64 kB. Shorten it.`, {
    details: { path },
  });
}
