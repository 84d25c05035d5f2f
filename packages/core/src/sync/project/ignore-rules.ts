import type { ConflictStrategy } from "../../domain/conflict.js";
import type { SyncOptions } from "../../domain/sync-record.js";
import { type IgnorePattern, type PathSegments, parseIgnoreFile, pathSegments } from "../../git/ignore-pattern.js";
import { parentPath } from "../../git/path.js";
import { isTurnOver, yieldToEventLoop } from "../../timing/yield-to-event-loop.js";

/** The names of a project's ignore files, in ascending order of precedence. */
export const IGNORE_FILES = [".gitignore", ".infrajetignore"] as const;

/** Patterns of state files and secrets that every project ignores. A project's own ignore files can include them again with `!`. */
export const DEFAULT_IGNORES = [
  ".infrajet/kept/",
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

// Parsing so many lines takes about a millisecond.
const LINES_AT_ONCE = 100;

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
    this.#levels.set("", parseIgnoreFile(patterns.join("\n")));
  }

  /** Adds the rules of one ignore file. Call it in the order of {@link IGNORE_FILES} for the files of one directory. */
  async add(directory: string, text: string, signal: AbortSignal): Promise<void> {
    const patterns = [...(this.#levels.get(directory) ?? [])];
    const lines = text.split("\n");
    for (let line = 0; line < lines.length; line += LINES_AT_ONCE) {
      if (isTurnOver()) await yieldToEventLoop(signal);
      const part = lines.slice(line, line + LINES_AT_ONCE).join("\n");
      // Only the file's first line may begin with a byte order mark.
      patterns.push(...parseIgnoreFile(line === 0 ? part : `\n${part}`));
    }
    this.#levels.set(directory, patterns);
  }

  /** Resolves to true when an entry is ignored by itself. Assumes that no directory above it is ignored. */
  ignores(path: string, isDirectory: boolean, signal: AbortSignal): Promise<boolean> {
    return this.#ignores(path, pathSegments(path), isDirectory, signal);
  }

  /** Resolves to true when a file is ignored by itself or because of a directory above it. The file does not have to exist. */
  async covers(path: string, signal: AbortSignal): Promise<boolean> {
    const segments = pathSegments(path);
    let depth = 1;
    for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1), depth++) {
      if (await this.#ignores(path.slice(0, slash), segments.slice(0, depth), true, signal)) return true;
    }
    return this.#ignores(path, segments, false, signal);
  }

  /** Yields to the event loop between patterns: a project may have many, and each takes time on a long path. */
  async #ignores(path: string, segments: PathSegments, isDirectory: boolean, signal: AbortSignal): Promise<boolean> {
    if (path === ".git" || path.endsWith("/.git")) return true;
    let depth = segments.length - 1;
    for (let directory = parentPath(path); ; directory = parentPath(directory), depth--) {
      const patterns = this.#levels.get(directory) ?? [];
      const relative = patterns.length === 0 ? [] : segments.slice(depth);
      for (let index = patterns.length - 1; index >= 0; index--) {
        if (isTurnOver()) await yieldToEventLoop(signal);
        const pattern = patterns[index];
        if (pattern?.matches(relative, isDirectory)) return !pattern.isNegated;
      }
      if (directory === "") return false;
    }
  }
}

/**
 * Picks the strategy of each path: that of the same path, else of the last matching pattern, else the sync's own. Patterns
 * have the syntax of `.gitignore`.
 *
 * @returns a function for these paths; it returns the sync's own strategy for others
 */
export async function strategiesByPath(
  { strategy, pathStrategies }: Pick<SyncOptions, "strategy" | "pathStrategies">,
  paths: Iterable<string>,
  signal: AbortSignal,
): Promise<(path: string) => ConflictStrategy> {
  if (pathStrategies.length === 0) return () => strategy;
  const exact = new Map(pathStrategies.map((rule) => [rule.pattern, rule.strategy]));
  const rules = pathStrategies
    .map((rule) => ({ matcher: new IgnoreRules([rule.pattern]), strategy: rule.strategy }))
    .reverse();
  const strategies = new Map<string, ConflictStrategy>();
  for (const path of paths) {
    const own = exact.get(path) ?? (await firstMatch(rules, path, signal));
    if (own !== null) strategies.set(path, own);
  }
  return (path) => strategies.get(path) ?? strategy;
}

async function firstMatch(
  rules: readonly { readonly matcher: IgnoreRules; readonly strategy: ConflictStrategy }[],
  path: string,
  signal: AbortSignal,
): Promise<ConflictStrategy | null> {
  for (const { matcher, strategy } of rules) if (await matcher.covers(path, signal)) return strategy;
  return null;
}
