import { GitHubSdkError } from "../errors.js";

/** Returns the cursor of a position, given by the parts of its sort key. */
export function textCursor(parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts), "utf8").toString("base64url");
}

/**
 * Returns the parts of a cursor.
 *
 * @throws GitHubSdkError `validation_failed` for a text that is not a cursor with that number of parts
 */
export function parseTextCursor(cursor: string, count: number): readonly string[] {
  const parts = parseJson(Buffer.from(cursor, "base64url").toString("utf8"));
  const isCursor = Array.isArray(parts) && parts.length === count && parts.every((part) => typeof part === "string");
  if (!isCursor || textCursor(parts) !== cursor) {
    throw new GitHubSdkError(
      "validation_failed",
      "The cursor is not valid. Use the `nextCursor` of a page of this list.",
    );
  }
  return parts;
}

/** Compares two sort keys with the same number of parts by UTF-16 code units, for `Array.prototype.sort`. */
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
