import type { Logger } from "@infrajet/github";

/** Writes warnings and errors as lines of JSON to the standard error output. */
export const consoleLog: Logger = {
  debug() {},
  info() {},
  warn: (message, fields) => write("warn", message, fields),
  error: (message, fields) => write("error", message, fields),
};

function write(level: string, message: string, fields: Readonly<Record<string, unknown>> = {}): void {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`);
}
