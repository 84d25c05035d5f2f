import type { ConflictStrategy } from "../../domain/conflict.js";
import type { SyncOptions } from "../../domain/sync-record.js";
import { type IgnorePattern, type PathSegments, parseIgnoreFile, pathSegments } from "../../git/ignore-pattern.js";
import { parentPath } from "../../git/path.js";

/** The names of a project's ignore files, in ascending order of precedence. */
export const IGNORE_FILES = [".gitignore", ".infrajetignore"] as const;

/** Patterns of state files and secrets that every project ignores. A project's own ignore files can include them again with `!`. */
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
 * The ignore rules of one project, with git's semantics: ignore files in deeper directories take precedence, and nothing
 * below an ignored directory can be included again. A `.git` entry is always ignored.
 *
 * @see https://git-scm.com/docs/gitignore
 */
export class IgnoreRules {
  readonly #levels = new Map<string, readonly IgnorePattern[]>();

  /** @param patterns rules of the project's root with the lowest precedence; defaults to {@link DEFAULT_IGNORES} */
  constructor(patterns: readonly string[] = DEFAULT_IGNORES) {
    this.add("", patterns.join("\n"));
  }

  /** Adds the rules of one ignore file. Call it in the order of {@link IGNORE_FILES} for the files of one directory. */
  add(directory: string, text: string): void {
    this.#levels.set(directory, [...(this.#levels.get(directory) ?? []), ...parseIgnoreFile(text)]);
  }

  /** True when an entry is ignored by itself. Assumes that no directory above it is ignored. */
  ignores(path: string, isDirectory: boolean): boolean {
    return this.#ignores(path, pathSegments(path), isDirectory);
  }

  /** True when a file is ignored by itself or because of a directory above it. The file does not have to exist. */
  covers(path: string): boolean {
    const segments = pathSegments(path);
    let depth = 1;
    for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1), depth++) {
      if (this.#ignores(path.slice(0, slash), segments.slice(0, depth), true)) return true;
    }
    return this.#ignores(path, segments, false);
  }

  #ignores(path: string, segments: PathSegments, isDirectory: boolean): boolean {
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

/**
 * Returns a function that picks the strategy for a path: that of the last matching pattern, else the sync's own. Patterns
 * have the syntax of `.gitignore`.
 */
export function strategyByPath({
  strategy,
  pathStrategies,
}: Pick<SyncOptions, "strategy" | "pathStrategies">): (path: string) => ConflictStrategy {
  const rules = pathStrategies
    .map((rule) => ({ matcher: new IgnoreRules([rule.pattern]), strategy: rule.strategy }))
    .reverse();
  return (path) => rules.find(({ matcher }) => matcher.covers(path))?.strategy ?? strategy;
}
