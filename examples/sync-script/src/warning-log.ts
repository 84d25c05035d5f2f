import type { Logger } from "@infrajet/github";

/** A logger that keeps warnings and errors, to be shown when the sync has failed. */
export interface WarningLog extends Logger {
  /** One line each, with what lay beneath. */
  readonly lines: readonly string[];
}

/** Makes an empty log. The SDK redacts secrets before it logs. */
export function warningLog(): WarningLog {
  const lines: string[] = [];
  const keep = (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    lines.push([message, ...messagesOf(fields.error)].join(" "));
  };
  return { lines, debug() {}, info() {}, warn: keep, error: keep };
}

/** The message of an error and of every cause beneath it. */
function messagesOf(error: unknown): string[] {
  if (typeof error !== "object" || error === null || !("message" in error)) return [];
  return [String(error.message), ...("cause" in error ? messagesOf(error.cause) : [])];
}
