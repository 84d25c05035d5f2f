import { ERROR_STATUS, type Logger, type NamedError } from "@infrajet/github";
import { toFlagText } from "./flag-text.js";

/** A logger that collects warnings and errors, which are printed when the sync fails. */
export interface WarningLog extends Logger {
  /** One line per entry, with the causes of its error. */
  readonly lines: readonly string[];
}

/** Creates an empty log. The SDK removes secrets before it logs. */
export function warningLog(): WarningLog {
  const lines: string[] = [];
  const keep = (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    lines.push([message, ...messagesOf(fields.error)].join(" "));
  };
  return { lines, debug() {}, info() {}, warn: keep, error: keep };
}

/** Returns the messages of an error and its causes. */
function messagesOf(error: unknown): string[] {
  if (typeof error !== "object" || error === null || !("message" in error)) return [];
  const message = isNamedError(error) ? toFlagText(error) : String(error.message);
  return [message, ...("cause" in error ? messagesOf(error.cause) : [])];
}

/** True for the logged form of an error of the SDK, which is a plain object. */
function isNamedError(error: object): error is NamedError {
  return "code" in error && typeof error.code === "string" && error.code in ERROR_STATUS && "message" in error;
}
