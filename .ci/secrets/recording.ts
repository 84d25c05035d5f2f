import { channel } from "node:diagnostics_channel";

/** The recording of a test file, or a part of it. */
export interface Recording {
  /** Path of the test file. */
  readonly file: string;
  readonly secrets: readonly string[];
  readonly told: readonly string[];
}

declare module "vitest" {
  interface ProvidedContext {
    /** The folder with all recordings of a test run. */
    recordings: string;
  }
}

/** The channel of {@link tell}. */
export const TOLD_CHANNEL = "infrajet-testing:told";

const told = channel(TOLD_CHANNEL);

/** Records output that does not pass through the SDK's logger, such as that of a child process, so that it is searched for secrets. */
export function tell(value: unknown): void {
  told.publish(value);
}

/** Returns all text in a value: strings, fields, and the messages of errors and their causes. */
export function textOf(value: unknown, seen = new WeakSet<object>()): string {
  if (typeof value !== "object" || value === null) return String(value);
  if (seen.has(value)) return "";
  seen.add(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  const parts = value instanceof Error ? [value.message, value.cause] : [];
  const fields = value instanceof Map || value instanceof Set ? [...value] : Object.entries(value);
  return [...parts, ...fields.flat()].map((part) => textOf(part, seen)).join("\n");
}
