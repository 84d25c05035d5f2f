import { GitHubSdkError } from "../errors.js";
import { installationOf } from "./sync-source.js";

/** A user of the host. */
export interface HostUser {
  /** The host's ID of the user. A number and its decimal form identify the same user. */
  readonly id: string | number;
}

/**
 * Returns the user's ID as records store it: numbers in decimal form.
 *
 * @throws GitHubSdkError `internal_error` for an empty string, for a number that is not a safe integer (two users could
 * share it), and for a string such as `app:1`, which identifies the syncs of an App's installation
 */
export function userIdText({ id }: HostUser): string {
  if (typeof id === "string" && installationOf(id) !== null) {
    throw new GitHubSdkError(
      "internal_error",
      `The user ID "${id}" is reserved for an installation of the GitHub App.`,
    );
  }
  if (typeof id === "string" && id !== "") return id;
  if (typeof id === "number" && Number.isSafeInteger(id)) return String(id);
  throw new GitHubSdkError(
    "internal_error",
    "The authenticator returned an invalid user ID. Return a non-empty string or a safe integer.",
  );
}
