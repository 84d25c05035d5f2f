const REDACTED = "[redacted]";

/**
 * The patterns of secrets, with their replacements. All of them match in linear time.
 *
 * A bare run of 40 hexadecimal digits is not redacted, because it may be a commit ID; it is after words such as `token`.
 *
 * @see https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats
 */
const PATTERNS: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, REDACTED],
  // Installation tokens can be long and contain dots and dashes.
  [/\b(?:gh[opsur]_[A-Za-z0-9._-]{16,}|github_pat_[A-Za-z0-9_]{16,})/g, REDACTED],
  [/(^|[^\w.-])v1\.[A-Za-z0-9_-]{20,}/g, `$1${REDACTED}`],
  // A JSON Web Token, such as the one of a GitHub App.
  [/(^|[^\w.-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, `$1${REDACTED}`],
  [/(\/\/)[^/\s:@]*:[^/\s@]+@/g, `$1${REDACTED}@`],
  [/\b(bearer|token|basic)\s+[A-Za-z0-9._~+/=-]{16,}/gi, `$1 ${REDACTED}`],
  [
    /\b((?:client_|webhook_)?secret|(?:access_|refresh_|auth_)?token|password|AccountKey)(["']?\s*[:=]\s*["']?)[^\s&;,"'<>{}]+/gi,
    `$1$2${REDACTED}`,
  ],
];

const AUTHORIZATION_CODE = /\bcode=([^\s&;,"'<>#]+)/g;
/** The code of an error, such as ECONNREFUSED, or of an exit, which is not a secret. */
const PLAIN_CODE = /^(?:[A-Z_]+|\d{1,3})(?:\W|$)/;

/**
 * Returns the text with secrets replaced by `[redacted]`: GitHub tokens, bearer tokens, JSON Web Tokens, private keys, passwords
 * in URLs, and the values of parameters such as `client_secret`, `access_token`, `code` and `AccountKey`.
 */
export function redact(text: string): string {
  return PATTERNS.reduce((redacted, [pattern, replacement]) => redacted.replace(pattern, replacement), text).replace(
    AUTHORIZATION_CODE,
    (all, code: string) => (PLAIN_CODE.test(code) ? all : `code=${REDACTED}`),
  );
}

/** Returns a function that replaces one known secret, and everything that {@link redact} replaces. */
export function redactingSecret(secret: string): (text: string) => string {
  return (text) => redact(secret === "" ? text : text.replaceAll(secret, REDACTED));
}

/** The most levels of nested values and causes that are searched. Deeper ones are dropped. */
const MAX_DEPTH = 32;

/** Returns a copy of a JSON value with one known secret removed from its texts. */
export function withoutSecret(value: unknown, secret: string, depth = 0): unknown {
  if (typeof value === "string") return secret === "" ? value : value.replaceAll(secret, REDACTED);
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  if (depth === MAX_DEPTH) return null;
  if (Array.isArray(value)) return value.map((item) => withoutSecret(item, secret, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutSecret(item, secret, depth + 1)]));
}

/**
 * Returns an error without secrets: itself when it has none, otherwise a copy with its name, message, stack, code and cause.
 * A value that is not an error is redacted when it is a string.
 */
export function redactedCause(cause: unknown, clean: (text: string) => string = redact, depth = 0): unknown {
  if (typeof cause === "string") return clean(cause);
  if (!(cause instanceof Error)) return cause;
  if (depth === MAX_DEPTH) return undefined;
  const message = clean(cause.message);
  const stack = cause.stack === undefined ? undefined : clean(cause.stack);
  const inner = redactedCause(cause.cause, clean, depth + 1);
  if (message === cause.message && stack === cause.stack && inner === cause.cause) return cause;
  const copy = new Error(message, inner === undefined ? undefined : { cause: inner });
  copy.name = cause.name;
  if (stack !== undefined) copy.stack = stack;
  return "code" in cause ? Object.assign(copy, { code: cause.code }) : copy;
}
