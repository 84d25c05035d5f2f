import { type IgnorePattern, parseIgnoreFile, pathSegments } from "../../git/ignore-pattern.js";
import { parentPath } from "../../git/path.js";
import { isTurnOver, yieldToEventLoop } from "../../timing/yield-to-event-loop.js";

/** The name of files that assign attributes to paths. */
export const ATTRIBUTES_FILE = ".gitattributes";

/** A line's effect on the attribute `filter`: a filter's name, or `null` for none. */
interface FilterRule {
  readonly pattern: IgnorePattern;
  readonly filter: string | null;
}

/**
 * The filters that `.gitattributes` files assign to paths, such as `lfs`. Git applies a filter when it adds a file; this SDK
 * writes files as they are.
 *
 * @see https://git-scm.com/docs/gitattributes
 */
export class FilterAttributes {
  readonly #rules = new Map<string, readonly FilterRule[]>();
  readonly #macros = new Map<string, string | null>();

  /** Adds the file of one directory. Add parents first: only the root's file may define macros. */
  async add(directory: string, text: string, signal: AbortSignal): Promise<void> {
    const rules: FilterRule[] = [];
    for (const line of text.replace(/^\uFEFF/, "").split("\n")) {
      if (isTurnOver()) await yieldToEventLoop(signal);
      const parsed = parseLine(line);
      if (parsed === null) continue;
      const filter = this.#filterOf(parsed.attributes);
      if (filter === undefined) continue;
      const macro = /^\[attr\](.+)$/.exec(parsed.pattern)?.[1];
      if (macro !== undefined) {
        if (directory === "") this.#macros.set(macro, filter);
        continue;
      }
      rules.push(...parseIgnoreFile(parsed.pattern).map((pattern) => ({ pattern, filter })));
    }
    this.#rules.set(directory, rules);
  }

  /** Resolves to the name of a path's filter; `null` when it has none. */
  async filterOf(path: string, signal: AbortSignal): Promise<string | null> {
    const segments = pathSegments(path);
    let depth = segments.length - 1;
    for (let directory = parentPath(path); ; directory = parentPath(directory), depth--) {
      const rules = this.#rules.get(directory) ?? [];
      const relative = rules.length === 0 ? [] : segments.slice(depth);
      for (let index = rules.length - 1; index >= 0; index--) {
        if (isTurnOver()) await yieldToEventLoop(signal);
        const rule = rules[index];
        if (rule?.pattern.matches(relative, false)) return rule.filter;
      }
      if (directory === "") return null;
    }
  }

  /** Returns what attributes say about `filter`; `undefined` when they do not mention it. The last one counts. */
  #filterOf(attributes: readonly string[]): string | null | undefined {
    let filter: string | null | undefined;
    for (const attribute of attributes) {
      if (attribute === "-filter" || attribute === "!filter") filter = null;
      else if (attribute.startsWith("filter=")) filter = attribute.slice("filter=".length) || null;
      else filter = this.#macros.has(attribute) ? this.#macros.get(attribute) : filter;
    }
    return filter;
  }
}

/** Parses a line into its pattern, which may be quoted, and its attributes; `null` for a comment or an invalid line. */
function parseLine(line: string): { readonly pattern: string; readonly attributes: readonly string[] } | null {
  const trimmed = line.trim();
  if (trimmed === "" || trimmed.startsWith("#")) return null;
  const quoted = trimmed.startsWith('"') ? /^"((?:[^"\\]|\\.)*)"/.exec(trimmed) : null;
  const end = quoted === null ? trimmed.search(/\s|$/) : quoted[0].length;
  const name = quoted === null ? trimmed.slice(0, end) : unquoted(quoted[1] ?? "");
  // Git does not allow negated patterns here. A quoted `#` does not begin a comment.
  if (name.startsWith("!")) return null;
  const pattern = name.startsWith("#") ? `\\${name}` : name;
  return { pattern, attributes: trimmed.slice(end).split(/\s+/).filter(Boolean) };
}

function unquoted(text: string): string {
  const bytes: number[] = [];
  const escapes: Readonly<Record<string, string>> = { a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };
  for (const [, octal, escaped, plain] of text.matchAll(/\\([0-3][0-7]{2})|\\(.)|([^\\]+)/gs)) {
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8));
    else bytes.push(...Buffer.from(plain ?? escapes[escaped ?? ""] ?? escaped ?? ""));
  }
  return Buffer.from(bytes).toString("utf8");
}
