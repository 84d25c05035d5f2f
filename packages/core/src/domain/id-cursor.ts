import { GitHubSdkError } from "../errors.js";

/**
 * Returns the ID of a cursor. A cursor is the decimal form of an ID.
 *
 * @throws GitHubSdkError `validation_failed` for any other text
 */
export function parseIdCursor(cursor: string): number {
  const id = Number(cursor);
  if (!/^[1-9][0-9]*$/.test(cursor) || !Number.isSafeInteger(id)) {
    throw new GitHubSdkError(
      "validation_failed",
      "The cursor is not valid. Use the `nextCursor` of a page of this list.",
    );
  }
  return id;
}
