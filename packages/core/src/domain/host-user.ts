import { GitHubSdkError } from "../errors.js";

/** The user who sent a request, as the host identifies users. */
export interface HostUser {
  /**
   * The host's ID of the user. A number and its decimal form are the same user. A string has 1 to 200 characters, is well-formed
   * Unicode and contains no NUL character.
   */
  readonly id: string | number;
}

const MAX_CHARACTERS = 200;
// Syncs of files that an App's installation writes are stored with such an ID.
const INSTALLATION_ID = /^app:\d+$/;

/**
 * Returns the ID in the form in which records hold it: numbers in their decimal form.
 *
 * @throws GitHubSdkError `unauthenticated` for an ID that does not identify exactly one user: an empty, too long or malformed
 * string (databases store a lone surrogate or a NUL differently, so that two users could share one ID), a number that is not a
 * safe integer, and the IDs that are reserved for installations (`app:1`)
 */
export function userIdText({ id }: HostUser): string {
  if (typeof id === "number" && Number.isSafeInteger(id)) return String(id);
  if (typeof id === "string" && isValid(id)) return id;
  throw new GitHubSdkError(
    "unauthenticated",
    `The authenticated user's ID is invalid: it must be a safe integer, or 1 to ${MAX_CHARACTERS} characters of well-formed Unicode without NUL, and not app:NUMBER.`,
  );
}

function isValid(id: string): boolean {
  // Checked first, so that a very long string is not split into characters.
  if (id === "" || id.length > 2 * MAX_CHARACTERS || [...id].length > MAX_CHARACTERS) return false;
  return !id.includes("\0") && isWellFormed(id) && !INSTALLATION_ID.test(id);
}

/** Returns `true` for a string without lone surrogates. */
function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}
