import type { SearchedFile, SecretDetector, SecretFinding } from "../adapters/secret-detector.js";
import { isTurnOver, yieldToEventLoop } from "../timing/yield-to-event-loop.js";
import type { Match, Rule } from "./match.js";
import { passwordRule } from "./password-rule.js";
import { loadPresetRules } from "./preset-rules.js";
import { privateKeyRule } from "./private-key-rule.js";
import { tokenRules } from "./token-rules.js";

// A rule takes at most 35 ms for this many characters, whatever they are.
const PART_LENGTH = 128 * 1024;
const SHORT = 16 * 1024;
// Longer than the longest secret: 10,000 characters of a private key.
const OVERLAP = 16 * 1024;
const MAX_FINDINGS = 20;
const MAX_MATCHING_MS = 2_000;

/**
 * Returns the detector that a sync uses by default: the recommended rules of secretlint, and rules for further tokens, private keys
 * and connection strings. Placeholders of documentation and templates are not found.
 *
 * A file is searched for at most two seconds, and its first 20 secrets are returned.
 */
export function recommendedSecretDetector(): SecretDetector {
  return new RecommendedDetector();
}

class RecommendedDetector implements SecretDetector {
  #rules: Promise<readonly Rule[]> | null = null;

  async find(file: SearchedFile, { signal }: { readonly signal: AbortSignal }): Promise<readonly SecretFinding[]> {
    // Loaded on first use: most processes that import the SDK do not push.
    this.#rules ??= loadPresetRules().then((preset) => [...preset, privateKeyRule, passwordRule, ...tokenRules]);
    const search = new Search(file.text);
    const rules = await this.#rules;
    for (const [start, end] of parts(file.text)) {
      const part = { path: file.path, text: file.text.slice(start, end) };
      // Reading the clock between two rules would take longer than a rule takes for a short text.
      for (const group of part.text.length <= SHORT ? [rules] : rules.map((rule) => [rule])) {
        if (isTurnOver()) await yieldToEventLoop(signal);
        if (search.isOver) return search.findings;
        search.run(group, part, start);
      }
    }
    return search.findings;
  }
}

/** Returns the bounds of the parts of a text, which overlap and end at line breaks where there are any. */
function* parts(text: string): Generator<readonly [number, number]> {
  for (let start = 0; ; ) {
    if (text.length - start <= PART_LENGTH) {
      yield [start, text.length];
      return;
    }
    const lineEnd = text.lastIndexOf("\n", start + PART_LENGTH);
    const end = lineEnd > start + PART_LENGTH / 2 ? lineEnd : start + PART_LENGTH;
    yield [start, end];
    const next = text.indexOf("\n", end - OVERLAP);
    start = next >= 0 && next < end ? next : end - OVERLAP;
  }
}

/** The search of one file, part by part. */
class Search {
  readonly #text: string;
  readonly #found = new Map<string, SecretFinding>();
  #spentMs = 0;
  /** The beginning of the last part, and its line. */
  #offset = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  get isOver(): boolean {
    return this.#found.size >= MAX_FINDINGS || this.#spentMs >= MAX_MATCHING_MS;
  }

  /** The secrets by line. */
  get findings(): readonly SecretFinding[] {
    return [...this.#found.values()].sort((left, right) => left.line - right.line);
  }

  run(rules: readonly Rule[], part: { readonly path: string; readonly text: string }, offset: number): void {
    const begun = performance.now();
    this.#line += lineBreaks(this.#text, this.#offset, offset);
    this.#offset = offset;
    for (const rule of rules) this.#keep(rule(part), part.text);
    this.#spentMs += performance.now() - begun;
  }

  /** Keeps each secret once: several rules know some tokens, and parts overlap. */
  #keep(matches: Iterable<Match>, text: string): void {
    let at = 0;
    let line = this.#line;
    for (const { rule, start } of matches) {
      if (this.#found.size >= MAX_FINDINGS) return;
      line = start < at ? this.#line + lineBreaks(text, 0, start) : line + lineBreaks(text, at, start);
      at = start;
      this.#found.set(`${line} ${rule}`, { rule, line });
    }
  }
}

function lineBreaks(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf("\n", from); at >= 0 && at < to; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}
