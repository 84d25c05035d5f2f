import { GitHubSdkError } from "../errors.js";
import { installationOf } from "./sync-source.js";

/** Who a request comes from, in the host's own terms. */
export interface HostUser {
  /** The host's id of the user. A number and its decimal form are the same user. */
  readonly id: string | number;
}

/**
 * The id as every record holds it: numbers in their decimal form.
 *
 * @throws GitHubSdkError `internal_error` for what identifies nobody: an empty text, or a number that is no safe integer
 * (two users could share it), or what the syncs of an App's installation belong to (`app:1`).
 */
export function userIdText({ id }: HostUser): string {
  if (typeof id === "string" && installationOf(id) !== null) {
    throw new GitHubSdkError("internal_error", `The user id "${id}" stands for an installation of the GitHub App.`);
  }
  if (typeof id === "string" && id !== "") return id;
  if (typeof id === "number" && Number.isSafeInteger(id)) return String(id);
  throw new GitHubSdkError("internal_error", "The host's authenticator gave a user id that identifies nobody.");
}
