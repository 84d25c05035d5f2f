import ignore, { type Ignore } from "ignore";
import { parentPath } from "../git/path.js";

/** The files of a project that say what is left out, in the order in which they count: the later one wins. */
export const IGNORE_FILES = [".gitignore", ".infrajetignore"] as const;

/** Left out of every project unless its own ignore files take it in again with `!`: state and secrets that do not belong in a repository. */
export const DEFAULT_IGNORES = [
  ".terraform/",
  "*.tfstate*",
  ".env*",
  "*.pem",
  "*.key",
  "*.p12",
  "*.pfx",
  "*.ppk",
  "id_rsa",
  "id_dsa",
  "id_ecdsa",
  "id_ed25519",
] as const;

/**
 * What a project leaves out, with git's own rules: the deepest directory's ignore files count most, and nothing below an
 * ignored directory can be taken in again. A `.git` directory is always left out.
 *
 * @see https://git-scm.com/docs/gitignore
 */
export class IgnoreRules {
  readonly #levels: Map<string, Ignore>;

  /** @param patterns what is left out before any ignore file is added */
  constructor(patterns: readonly string[] = DEFAULT_IGNORES) {
    this.#levels = new Map([["", matcher().add([...patterns])]]);
  }

  /** Adds the rules of one ignore file; files of one directory are added in the order of {@link IGNORE_FILES}. */
  add(directory: string, text: string): void {
    const level = this.#levels.get(directory) ?? matcher();
    this.#levels.set(directory, level.add(text));
  }

  /** Whether an entry is left out, given that no directory above it is. */
  leavesOut(path: string, isDirectory: boolean): boolean {
    if (path === ".git" || path.endsWith("/.git")) return true;
    for (let directory = parentPath(path); ; directory = parentPath(directory)) {
      const verdict = this.#verdict(directory, path, isDirectory);
      if (verdict !== null) return verdict;
      if (directory === "") return false;
    }
  }

  /** Whether a file is left out by itself or with a directory above it; also for paths that are in no listing. */
  covers(path: string): boolean {
    for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1)) {
      if (this.leavesOut(path.slice(0, slash), true)) return true;
    }
    return this.leavesOut(path, false);
  }

  #verdict(directory: string, path: string, isDirectory: boolean): boolean | null {
    const level = this.#levels.get(directory);
    if (level === undefined) return null;
    const relative = directory === "" ? path : path.slice(directory.length + 1);
    const tested = isDirectory ? `${relative}/` : relative;
    if (level.test(tested).ignored) readmitParents(level, relative);
    const result = level.test(tested);
    if (result.ignored) return true;
    return result.unignored ? false : null;
  }
}

/**
 * A directory that is entered although these rules leave it out was taken in again by an ignore file further down. The
 * library would leave out everything below it, so the rules have to learn of it.
 */
function readmitParents(level: Ignore, path: string): void {
  for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1)) {
    const parent = path.slice(0, slash);
    if (level.test(`${parent}/`).ignored) level.add({ pattern: `!/${parent.replace(/[\\*?[\]]/g, "\\$&")}/` });
  }
}

function matcher(): Ignore {
  return ignore({ ignorecase: false });
}
