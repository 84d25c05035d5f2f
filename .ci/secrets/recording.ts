import { channel } from "node:diagnostics_channel";

/** What one test file left, or a part of it. */
export interface Recording {
  /** Path of the test file. */
  readonly file: string;
  readonly secrets: readonly string[];
  readonly told: readonly string[];
}

declare module "vitest" {
  interface ProvidedContext {
    /** The folder of all recordings of a run. */
    recordings: string;
  }
}

/** Where everything arrives that tests {@link tell}. */
export const TOLD_CHANNEL = "infrajet-testing:told";

const told = channel(TOLD_CHANNEL);

/** Has something searched for secrets that was told past the SDK's own logger: the output of a process, the log of an engine. */
export function tell(value: unknown): void {
  told.publish(value);
}

/** Everything that a value says when it is printed: texts, fields, and of errors what they and their causes say. */
export function wordsOf(value: unknown, seen = new WeakSet<object>()): string {
  if (typeof value !== "object" || value === null) return String(value);
  if (seen.has(value)) return "";
  seen.add(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  const parts = value instanceof Error ? [value.message, value.cause] : [];
  const fields = value instanceof Map || value instanceof Set ? [...value] : Object.entries(value);
  return [...parts, ...fields.flat()].map((part) => wordsOf(part, seen)).join("\n");
}
