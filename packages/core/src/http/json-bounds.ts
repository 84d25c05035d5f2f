import { invalidFields } from "./validation.js";

/** The most values that a request body may contain, nested ones included. */
const MAX_VALUES = 250_000;
/** The deepest nesting of a request body. */
const MAX_DEPTH = 32;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d]);

/**
 * Refuses JSON text with too many values or too deep nesting before it is parsed, since a small text can become a large value.
 *
 * @throws GitHubSdkError `validation_failed`
 */
export function assertBoundedJson(bytes: Uint8Array): void {
  let values = 1;
  let depth = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] ?? 0;
    if (byte === QUOTE) {
      index = endOfString(bytes, index);
    } else if (byte === COMMA) {
      values += 1;
    } else if (OPENING.has(byte)) {
      values += 1;
      depth += 1;
    } else if (CLOSING.has(byte)) {
      depth -= 1;
    }
    if (values > MAX_VALUES) throw tooComplex(`must not contain more than ${MAX_VALUES} values`);
    if (depth > MAX_DEPTH) throw tooComplex(`must not be nested deeper than ${MAX_DEPTH} levels`);
  }
}

function endOfString(bytes: Uint8Array, start: number): number {
  let index = start + 1;
  while (index < bytes.length && bytes[index] !== QUOTE) index += bytes[index] === BACKSLASH ? 2 : 1;
  return index;
}

function tooComplex(message: string): Error {
  return invalidFields([{ path: [], message }]);
}
