import { type IgnorePattern, type PathSegments, parseIgnoreFile, pathSegments } from "../../git/ignore-pattern.js";
import { parentPath } from "../../git/path.js";

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
  readonly #levels = new Map<string, readonly IgnorePattern[]>();

  /** @param patterns what is left out before any ignore file is added */
  constructor(patterns: readonly string[] = DEFAULT_IGNORES) {
    this.add("", patterns.join("\n"));
  }

  /** Adds the rules of one ignore file; files of one directory are added in the order of {@link IGNORE_FILES}. */
  add(directory: string, text: string): void {
    this.#levels.set(directory, [...(this.#levels.get(directory) ?? []), ...parseIgnoreFile(text)]);
  }

  /** Whether an entry is left out, given that no directory above it is. */
  leavesOut(path: string, isDirectory: boolean): boolean {
    return this.#leavesOut(path, pathSegments(path), isDirectory);
  }

  /** Whether a file is left out by itself or with a directory above it; also for paths that are in no listing. */
  covers(path: string): boolean {
    const segments = pathSegments(path);
    let depth = 1;
    for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1), depth++) {
      if (this.#leavesOut(path.slice(0, slash), segments.slice(0, depth), true)) return true;
    }
    return this.#leavesOut(path, segments, false);
  }

  #leavesOut(path: string, segments: PathSegments, isDirectory: boolean): boolean {
    if (path === ".git" || path.endsWith("/.git")) return true;
    let depth = segments.length - 1;
    for (let directory = parentPath(path); ; directory = parentPath(directory), depth--) {
      const patterns = this.#levels.get(directory);
      const relative = patterns === undefined ? [] : segments.slice(depth);
      const last = patterns?.findLast((pattern) => pattern.matches(relative, isDirectory));
      if (last !== undefined) return !last.isNegated;
      if (directory === "") return false;
    }
  }
}
