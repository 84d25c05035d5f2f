import { defined } from "./defined.js";

/** A logger, such as `console`. The SDK removes secrets from messages and fields before it calls the logger. */
export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** A logger that discards everything. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

// GitHub's token prefixes. Installation tokens can be long and contain dots and dashes.
// https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats
const TOKENS = /\b(?:gh[opsur]_[A-Za-z0-9._-]{16,}|github_pat_[A-Za-z0-9_]{16,})/g;
const CREDENTIALS_IN_URL = /(\/\/)[^/\s:@]+:[^/\s@]+@/g;
const BEARER = /\b(bearer|token|basic)\s+[A-Za-z0-9._~+/=-]{16,}/gi;
const PRIVATE_KEYS = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;

/** Returns the text with GitHub tokens, bearer tokens, passwords in URLs and private keys replaced by `[redacted]`. */
export function redact(text: string): string {
  return text
    .replace(PRIVATE_KEYS, "[redacted]")
    .replace(TOKENS, "[redacted]")
    .replace(CREDENTIALS_IN_URL, "$1[redacted]@")
    .replace(BEARER, "$1 [redacted]");
}

/** Returns a logger that redacts messages and fields, including nested ones and the causes of errors. */
export function redactingLogger(logger: Logger): Logger {
  const at =
    (level: keyof Logger) =>
    (message: string, fields?: Readonly<Record<string, unknown>>): void => {
      if (fields === undefined) logger[level](redact(message));
      else logger[level](redact(message), redactFields(fields));
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function redactFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const seen = new WeakSet<object>();
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, redactValue(value, seen)]));
}

function redactValue(value: unknown, seen: WeakSet<object>): unknown {
  if (typeof value === "string") return redact(value);
  if (typeof value !== "object" || value === null) return value;
  if (seen.has(value)) return "[circular]";
  seen.add(value);
  if (value instanceof Error) return redactError(value, seen);
  if (Array.isArray(value)) return value.map((item) => redactValue(item, seen));
  if (value instanceof Date) return value;
  if ("toJSON" in value && typeof value.toJSON === "function") return redactValue(value.toJSON(), seen);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactValue(item, seen)]));
}

function redactError(error: Error, seen: WeakSet<object>): Record<string, unknown> {
  return defined({
    name: error.name,
    message: redact(error.message),
    code: "code" in error ? error.code : undefined,
    stack: error.stack && redact(error.stack),
    cause: redactValue(error.cause, seen),
  });
}
