import { GitHubSdkError } from "../../errors.js";
import { type Credential, tokenCredential } from "../../github/credential.js";
import type { SyncOwner } from "./sync-owner.js";

/** The credential of syncs: a token or credential for all syncs, or a function that returns one for the owner of a sync. */
export type GitHubSdkAuth = string | Credential | ((owner: SyncOwner) => Promise<string | Credential>);

/** Returns a function that returns the credential of a sync. @throws GitHubSdkError `invalid_options` for an empty token */
export function credentialsOf(auth: GitHubSdkAuth): (owner: SyncOwner) => Promise<Credential> {
  if (typeof auth === "function") return async (owner) => toCredential(await auth(owner));
  const one = toCredential(auth);
  return async () => one;
}

function toCredential(given: string | Credential): Credential {
  if (typeof given !== "string") return given;
  if (given.trim() !== "") return tokenCredential(given.trim());
  const message = "createGitHubSdk: auth is an empty token. Set GITHUB_TOKEN, or pass a credential.";
  throw new GitHubSdkError("invalid_options", message);
}
