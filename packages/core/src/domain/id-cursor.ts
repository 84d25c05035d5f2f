import { GitHubSdkError } from "../errors.js";

/**
 * The id that a cursor stands for; a cursor is an id's decimal form.
 *
 * @throws GitHubSdkError `validation_failed` for a text that is no cursor.
 */
export function parseIdCursor(cursor: string): number {
  const id = Number(cursor);
  if (!/^[1-9][0-9]*$/.test(cursor) || !Number.isSafeInteger(id)) {
    throw new GitHubSdkError("validation_failed", "The cursor is not one that a page of this list gave.");
  }
  return id;
}
