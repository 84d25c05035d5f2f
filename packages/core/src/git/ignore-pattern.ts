import { ANY_RUN, matchesGlob } from "./glob.js";
import { comparePaths } from "./path.js";

/** The characters of each segment of a path. */
export type PathSegments = readonly (readonly string[])[];

/** One pattern of a `.gitignore`. */
export interface IgnorePattern {
  /** True for a pattern with `!`, which includes its matches again. */
  readonly isNegated: boolean;
  /** Returns true if the pattern matches the entry itself; entries below a matching directory are not checked. */
  matches(path: PathSegments, isDirectory: boolean): boolean;
}

/** Splits a path, which is relative to the directory of the ignore file, for matching. */
export function pathSegments(path: string): PathSegments {
  return path.split("/").map((segment) => Array.from(segment));
}

/**
 * Parses the patterns of a `.gitignore`, without those that can never match.
 *
 * They match as in git, with two exceptions: characters are compared instead of bytes, and `**` beside a letter is a `*`, as
 * in git's manual. Matching takes linear time in the length of either side.
 *
 * @see https://git-scm.com/docs/gitignore
 * @see https://github.com/git/git/blob/v2.51.0/wildmatch.c
 */
export function parseIgnoreFile(text: string): readonly IgnorePattern[] {
  const lines = text.replace(/^\uFEFF/, "").split("\n");
  return lines.flatMap((line) => parseLine(line.replace(/\r$/, "")) ?? []);
}

/** A set of characters. */
type CharacterTest = (character: string) => boolean;
type Part = string | CharacterTest;
type SegmentGlob = readonly (Part | typeof ANY_RUN)[];
type PathGlob = readonly (SegmentGlob | typeof ANY_RUN)[];
type Token = Part | typeof ANY_RUN | typeof SLASH;

const SLASH = Symbol("slash");
const ANY_NAME: SegmentGlob = [ANY_RUN];

function parseLine(line: string): IgnorePattern | null {
  if (line.startsWith("#")) return null;
  const trimmed = withoutTrailingSpaces(line);
  const isNegated = trimmed.startsWith("!");
  const body = isNegated ? trimmed.slice(1) : trimmed;
  const isForDirectories = body.endsWith("/");
  const pattern = isForDirectories ? body.slice(0, -1) : body;
  const tokens = tokenize(pattern.replace(/^\//, ""));
  if (tokens === null || tokens.length === 0) return null;
  const matchesPath = pattern.includes("/") ? wholePath(toPathGlob(tokens)) : lastSegment(tokens);
  return {
    isNegated,
    matches: (path, isDirectory) => (isDirectory || !isForDirectories) && matchesPath(path),
  };
}

/** Removes trailing spaces, except one after a backslash. */
function withoutTrailingSpaces(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === " ") end -= 1;
  let backslashes = 0;
  while (line[end - 1 - backslashes] === "\\") backslashes += 1;
  return line.slice(0, end < line.length ? end + (backslashes % 2) : end);
}

function lastSegment(tokens: readonly Token[]): (path: PathSegments) => boolean {
  const glob = tokens.filter((token) => token !== SLASH);
  return (path) => matchesName(glob, path.at(-1) ?? []);
}

function wholePath(glob: PathGlob): (path: PathSegments) => boolean {
  return (path) => matchesGlob(glob, path, matchesName);
}

function matchesName(glob: SegmentGlob, name: readonly string[]): boolean {
  return matchesGlob(glob, name, (part: Part, character) =>
    typeof part === "string" ? part === character : part(character),
  );
}

function toPathGlob(tokens: readonly Token[]): PathGlob {
  const segments: (Part | typeof ANY_RUN)[][] = [[]];
  for (const token of tokens) {
    if (token === SLASH) segments.push([]);
    else segments.at(-1)?.push(token);
  }
  const isLast = (index: number): boolean => index === segments.length - 1;
  // At the end, `**` matches the entries below a directory, but not the directory.
  return segments.flatMap((segment, index): PathGlob => {
    if (!isDeep(segment)) return [segment];
    return isLast(index) ? [ANY_RUN, ANY_NAME] : [ANY_RUN];
  });
}

function isDeep(segment: SegmentGlob): boolean {
  return segment.length > 1 && segment.every((part) => part === ANY_RUN);
}

/** A part of a pattern, and the index after it. */
interface Found<Part> {
  readonly part: Part;
  readonly end: number;
}

/** Returns `null` for a pattern that never matches: one with an unclosed class, or a backslash at its end. */
function tokenize(pattern: string): readonly Token[] | null {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; ) {
    const token = tokenAt(pattern, at);
    if (token === null) return null;
    tokens.push(token.part);
    at = token.end;
  }
  return tokens;
}

function tokenAt(pattern: string, at: number): Found<Token> | null {
  if (pattern[at] === "*") return { part: ANY_RUN, end: at + 1 };
  if (pattern[at] === "?") return { part: () => true, end: at + 1 };
  if (pattern[at] === "[") return classAt(pattern, at + 1);
  const literal = matchAt(/\\?(?<character>(?<=\\).|[^\\])/suy, pattern, at);
  const character = literal?.part.character;
  if (literal === null || character === undefined) return null;
  return { part: character === "/" ? SLASH : character, end: literal.end };
}

/** Parses a class after its bracket. A closing bracket at its beginning is one of its characters. */
function classAt(pattern: string, start: number): Found<CharacterTest> | null {
  const isNegated = pattern[start] === "!" || pattern[start] === "^";
  const first = isNegated ? start + 1 : start;
  const tests: CharacterTest[] = [];
  let at = first;
  while (at === first || pattern[at] !== "]") {
    // File names are shorter than lines may be.
    const item = matchAt(/\[:(?<name>[^\]]{0,16}):\]|(?<low>\\.|[^\\])(?:-(?<high>\\.|[^\]\\]))?/suy, pattern, at);
    const test = item === null ? null : classItemTest(item.part);
    if (item === null || test === null) return null;
    tests.push(test);
    at = item.end;
  }
  return { part: (character) => tests.some((test) => test(character)) !== isNegated, end: at + 1 };
}

/** Returns the characters that one item of a class accepts: `[:name:]`, a range, or a character. Returns `null` for an unknown name. */
function classItemTest({ name, low, high }: Readonly<Record<string, string>>): CharacterTest | null {
  if (name !== undefined) {
    const named = NAMED_CLASSES.get(name);
    return named === undefined ? null : (character) => named.test(character);
  }
  const [from, to] = [unescaped(low ?? ""), unescaped(high ?? low ?? "")];
  return (character) => comparePaths(from, character) <= 0 && comparePaths(character, to) <= 0;
}

function unescaped(text: string): string {
  return text.length > 1 ? text.replace(/^\\/, "") : text;
}

function matchAt(expression: RegExp, text: string, at: number): Found<Readonly<Record<string, string>>> | null {
  expression.lastIndex = at;
  const groups = expression.exec(text)?.groups;
  return groups === undefined ? null : { part: groups, end: expression.lastIndex };
}

/** The named classes in ASCII, as in git with any locale. */
const NAMED_CLASSES: ReadonlyMap<string, RegExp> = new Map([
  ["alnum", /^[0-9A-Za-z]$/],
  ["alpha", /^[A-Za-z]$/],
  ["blank", /^[ \t]$/],
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what the class names
  ["cntrl", /^[\0-\x1f\x7f]$/],
  ["digit", /^[0-9]$/],
  ["graph", /^[!-~]$/],
  ["lower", /^[a-z]$/],
  ["print", /^[ -~]$/],
  ["punct", /^[!-/:-@[-`{-~]$/],
  ["space", /^[ \t\n\r]$/],
  ["upper", /^[A-Z]$/],
  ["xdigit", /^[0-9A-Fa-f]$/],
]);
