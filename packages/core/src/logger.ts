import { defined } from "./defined.js";
import { redact } from "./redaction.js";

/** The fields of a log entry. An error is in the field `error`. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * A logger, such as `console`, or a logger of pino or bunyan. The SDK removes secrets from messages and fields before it calls
 * the logger.
 */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** A logger that discards everything. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** A logger that writes warnings and errors to `console` and discards everything else. */
export const consoleLogger: Logger = {
  debug() {},
  info() {},
  warn: (message, fields) => console.warn(...entry(message, fields)),
  error: (message, fields) => console.error(...entry(message, fields)),
};

/** The logger of an SDK whose options have none: `console`, until a framework gives its own. */
export class DefaultLogger implements Logger {
  #target = consoleLogger;

  /** Logs to another logger from now on. */
  use(logger: Logger): void {
    this.#target = messageFirst(logger);
  }

  debug(message: string, fields?: LogFields): void {
    this.#target.debug(message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#target.info(message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#target.warn(message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#target.error(message, fields);
  }
}

/** The methods of pino and bunyan loggers. */
type FieldsFirst = Readonly<Record<keyof Logger, (fields: LogFields, message: string) => void>>;

/** Returns a logger that accepts the message first. Loggers of pino and bunyan expect the fields first, others are returned as they are. */
export function messageFirst(logger: Logger): Logger {
  if (!isFieldsFirst(logger)) return logger;
  const at =
    (level: keyof Logger) =>
    (message: string, fields: LogFields = {}): void =>
      logger[level](fields, message);
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** True for a logger of pino, which has bindings, or of bunyan, which has streams. */
function isFieldsFirst(logger: object): logger is FieldsFirst {
  if (!("child" in logger) || typeof logger.child !== "function") return false;
  const method = "bindings" in logger ? logger.bindings : "addStream" in logger ? logger.addStream : undefined;
  return typeof method === "function";
}

/** Returns a logger that redacts messages and fields, including nested ones and the causes of errors. */
export function redactingLogger(logger: Logger): Logger {
  const at =
    (level: keyof Logger) =>
    (message: string, fields?: LogFields): void => {
      if (fields === undefined) logger[level](redact(message));
      else logger[level](redact(message), redactFields(fields));
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function entry(message: string, fields?: LogFields): unknown[] {
  const prefixed = `[infrajet-github] ${message}`;
  return fields === undefined ? [prefixed] : [prefixed, fields];
}

/** The names of fields whose text is always a secret. */
const SECRET_FIELD = /^(?:.*[_-])?(?:token|secret|password|authorization|cookie|private_?key)$/i;

function redactFields(fields: LogFields): Record<string, unknown> {
  const seen = new WeakSet<object>();
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, redactField(key, value, seen)]));
}

function redactField(key: string, value: unknown, seen: WeakSet<object>): unknown {
  return typeof value === "string" && SECRET_FIELD.test(key) ? "[redacted]" : redactValue(value, seen);
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
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactField(key, item, seen)]));
}

function redactError(error: Error, seen: WeakSet<object>): Record<string, unknown> {
  return defined({
    name: error.name,
    message: redact(error.message),
    code: "code" in error ? error.code : undefined,
    stack: error.stack && redact(error.stack),
    cause: redactValue(error.cause, seen),
    errors: error instanceof AggregateError ? redactValue(error.errors, seen) : undefined,
  });
}
