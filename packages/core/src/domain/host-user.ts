import { GitHubSdkError } from "../errors.js";
import { installationOf } from "./sync-source.js";

/** A user of the host. */
export interface HostUser {
  /**
   * The host's ID of the user. A number and its decimal form identify the same user. A string has 1 to 200 characters, is
   * well-formed Unicode and contains no NUL character.
   */
  readonly id: string | number;
  /**
   * The time at which the user's token expires, in epoch milliseconds. A connection that is opened with a ticket ends then. Defaults to
   * one hour after the ticket was requested.
   */
  readonly expiresAt?: number;
}

const MAX_CHARACTERS = 200;

/**
 * Returns the user's ID as records store it: numbers in decimal form.
 *
 * @throws GitHubSdkError `unauthenticated` for an ID that does not identify exactly one user: an empty, too long or malformed
 * string (databases store a lone surrogate or a NUL differently, so that two users could share one ID), a number that is not a
 * safe integer, and a string such as `app:1`, which identifies the syncs of an App's installation
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
  return !id.includes("\0") && isWellFormed(id) && installationOf(id) === null;
}

/** Returns `true` for a string without lone surrogates. */
function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}
