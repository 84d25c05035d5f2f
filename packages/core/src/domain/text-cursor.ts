import { GitHubSdkError } from "../errors.js";

/** The cursor that stands for a position, given by the parts of its sort key. */
export function textCursor(parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts), "utf8").toString("base64url");
}

/**
 * The parts that a cursor was made from.
 *
 * @throws GitHubSdkError `validation_failed` for a text that is no cursor of that many parts.
 */
export function parseTextCursor(cursor: string, count: number): readonly string[] {
  const parts = parseJson(Buffer.from(cursor, "base64url").toString("utf8"));
  const isCursor = Array.isArray(parts) && parts.length === count && parts.every((part) => typeof part === "string");
  if (!isCursor || textCursor(parts) !== cursor) {
    throw new GitHubSdkError("validation_failed", "The cursor is not one that a page of this list gave.");
  }
  return parts;
}

/** Compares two sort keys of equally many parts by UTF-16 code units, as `Array.prototype.sort` wants it. */
export function compareParts(a: readonly string[], b: readonly string[]): number {
  for (const [index, part] of a.entries()) {
    const other = b[index] ?? "";
    if (part !== other) return part < other ? -1 : 1;
  }
  return 0;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
