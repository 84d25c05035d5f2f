import type { ErrorCode } from "@infrajet/github";

/** The cause of an error, and how to fix it. */
export interface ErrorHelp {
  readonly cause: string;
  readonly fix: string;
}

const RETRY = "Try again later. A sync that failed can be retried with `POST /sync/retry`.";

/** Help for every code. A new code does not compile without it. */
export const ERROR_HELP: Readonly<Record<ErrorCode, ErrorHelp>> = {
  validation_failed: {
    cause: "A field of the request is missing or invalid.",
    fix: "Read `errors`: it names each field and the expected value.",
  },
  invalid_options: {
    cause: "An option of the SDK or an environment variable is missing or invalid.",
    fix: "Correct the option that the message names.",
  },
  invalid_path: {
    cause: "A path cannot be stored in git: it is empty, leaves the directory, or contains `.git`.",
    fix: "Rename the file, or remove it from the request.",
  },
  path_collision: {
    cause: "Two paths differ only in case or Unicode form, or one is a file and the other a directory of that name.",
    fix: "Rename one of the paths that the message names.",
  },
  invalid_branch: {
    cause: "The branch name is invalid, or another branch is in its way (`a` and `a/b` cannot both exist).",
    fix: "Use another branch name.",
  },
  invalid_repository_name: {
    cause: "The repository is not `owner/name`.",
    fix: "Write it as `octo-org/infrastructure`.",
  },
  file_too_large: {
    cause: "A file is larger than GitHub accepts.",
    fix: "Remove the file, or add it to the ignore file.",
  },
  repository_exists: {
    cause: "The account already has a repository of that name.",
    fix: 'Use another name, or send `if_exists: "use"`.',
  },
  project_empty: {
    cause: "The project has no files, and the sync would delete all files that it has written.",
    fix: "Check the project's directory. To delete all files, set `allow_empty_project`.",
  },
  mass_deletion: {
    cause: "The sync would delete more than 10 files and more than half of the files that it has written.",
    fix: "Check the project's directory. To delete them, set `allow_mass_deletion`.",
  },
  plan_stale: {
    cause: "The project or the branch changed after the plan was made.",
    fix: "Make a new plan and review it.",
  },
  remote_history_rewritten: {
    cause: "The branch's history no longer contains the head of the last sync, as after a force-push.",
    fix: "Check the branch. To change the project nevertheless, set `allow_rewritten_history`. Versions that the branch no longer has are then moved to `.infrajet/kept`.",
  },
  conflicts: {
    cause: "Files were changed on both sides and cannot be merged. Nothing was written.",
    fix: "Resolve the listed conflicts, or choose a strategy for their paths.",
  },
  resolution_stale: {
    cause:
      "The file has changed in the project or on the branch since the versions were read that the resolution names.",
    fix: "Read the conflict again with `GET /sync/conflicts/{project_id}`, and resolve it for the versions that are there now.",
  },
  sync_not_revertible: {
    cause:
      "The sync wrote no commit to its branch, has not completed, opened a pull request, or the branch no longer contains its commit.",
    fix: "Revert the commit or the pull request on GitHub, if there is one.",
  },
  sync_not_retryable: {
    cause: "The sync did not fail, or was retried as often as allowed.",
    fix: "Start a new sync.",
  },
  cancelled: { cause: "The sync was cancelled.", fix: "Retry it, or start a new one." },
  project_not_found: {
    cause: "The source has no such project, or the user may not use it.",
    fix: "Check the project's ID and `authorizeProject`.",
  },
  repository_not_found: {
    cause: "The repository does not exist, or the credential has no access to it.",
    fix: "Check the name. Install the App in the repository, or grant the user access.",
  },
  branch_not_found: { cause: "The branch does not exist.", fix: "Create the branch, or use another one." },
  sync_record_not_found: {
    cause: "The sync does not exist, or belongs to another user.",
    fix: "Check the ID in `GET /sync/history/{project_id}`.",
  },
  link_not_found: {
    cause: "The project has no link to that repository and branch.",
    fix: "Check the name and the branch in `GET /sync/link/{project_id}`.",
  },
  installation_not_found: {
    cause: "The installation does not exist, or the App was uninstalled.",
    fix: "Install the App again.",
  },
  delivery_not_found: { cause: "No webhook delivery has that ID.", fix: "Check the ID." },
  malformed_request: { cause: "The request cannot be parsed.", fix: "Send valid HTTP with a JSON body." },
  unauthenticated: { cause: "The token is missing, invalid or expired.", fix: "Sign in again and send a new token." },
  endpoint_not_found: { cause: "No endpoint has that path.", fix: "Check the path in the OpenAPI document." },
  method_not_allowed: {
    cause: "The endpoint does not support the method.",
    fix: "Use a method of the `Allow` header.",
  },
  delivery_not_replayable: {
    cause: "The delivery's body is not stored any more, or it still waits.",
    fix: "Redeliver it from the App's page on GitHub.",
  },
  webhook_inbox_full: {
    cause: "Too many webhook deliveries wait for their handlers.",
    fix: "Find the slow or failing handler with `sdk.webhooks.health()`. The sweep requests the delivery again.",
  },
  invalid_signature: {
    cause: "The webhook's signature does not match its body.",
    fix: "Use the same secret on GitHub and in the host. A proxy or a body parser must not change the body.",
  },
  delivery_refused: {
    cause: "The delivery's headers do not fit its body, or its ID was used with another body.",
    fix: "Redeliver it from the App's page on GitHub.",
  },
  payload_too_large: {
    cause: "The body is larger than allowed.",
    fix: "Send less, or raise `bodyLimit` or `filesBodyLimit`.",
  },
  request_timeout: { cause: "The body did not arrive within 10 seconds.", fix: "Send the request again." },
  webhook_handler_failed: {
    cause: "A handler of the host failed.",
    fix: "Read the log, fix the handler, and replay the delivery.",
  },
  github_not_connected: { cause: "The user has not connected a GitHub account.", fix: "Open `GET /auth/login`." },
  reauth_required: {
    cause: "GitHub rejects the stored token: it was revoked, or belongs to another App.",
    fix: "The user connects again with `GET /auth/login`.",
  },
  github_account_taken: {
    cause: "The GitHub account is connected to another user of the host.",
    fix: "Disconnect it there first, or use another account.",
  },
  invalid_state: {
    cause: "The login took longer than 10 minutes, was used twice, or came from another browser.",
    fix: "Start again with `GET /auth/login`, with credentials included.",
  },
  authorization_denied: { cause: "The user denied the authorization.", fix: "Start again, and authorize." },
  oauth_failed: {
    cause: "GitHub rejected the code or the refresh token, or the code of a device was not entered in time.",
    fix: "Start again with `GET /auth/login`.",
  },
  insufficient_permissions: {
    cause: "The account or the App lacks a permission or scope, which the message names.",
    fix: "Grant it on GitHub. For an App, accept the new permission in the installation's settings.",
  },
  installation_not_yours: {
    cause: "The user has not proven that they own the installation.",
    fix: "Authorize the App with `GET /auth/login?client=app`, as an owner of the account.",
  },
  repository_archived: { cause: "The repository is archived.", fix: "Unarchive it, or use another one." },
  branch_protected: {
    cause: "A rule or the protection of the branch does not allow the commit.",
    fix: "Use the strategy `pull_request`, or allow the account to bypass the rule and set `bypass_rules`.",
  },
  signature_required: {
    cause: "The branch requires signed commits, and the commit cannot be signed.",
    fix: "Set `signCommit`, or use the strategy `pull_request`.",
  },
  workflow_permission_missing: {
    cause: "The change contains files in `.github/workflows`, and the credential may not write them.",
    fix: "Grant the scope `workflow`, or the App permission Workflows.",
  },
  secret_detected: {
    cause: "GitHub's push protection found a secret in a file.",
    fix: "Remove the secret from the file, and revoke it.",
  },
  secret_found: {
    cause: "A file that the sync would send contains a private key, a token or a password. Nothing was sent.",
    fix: "Remove the secret from the file. If it is not a secret, add the file's path to `allow_secrets`.",
  },
  rate_limited: {
    cause:
      "A rate limit of GitHub is reached, and the call does not wait, or the sync has waited for `rateLimitDeadlineMs`.",
    fix: "Try again after the seconds in `Retry-After`.",
  },
  too_many_pending_syncs: {
    cause: "The user has too many pending syncs.",
    fix: "Wait until some have ended, cancel some, or raise `maxPendingSyncs`.",
  },
  too_many_links: {
    cause: "The user has the maximum number of links, 100.",
    fix: "Remove a link with `DELETE /sync/link/{project_id}`.",
  },
  oauth_misconfigured: {
    cause: "GitHub rejects the OAuth client or its callback URL.",
    fix: "Check `GITHUB_CLIENT_ID`, `GITHUB_CLIENT_SECRET` and `GITHUB_REDIRECT_URI`. For a sign-in with a code, turn on Enable Device Flow in the app's settings.",
  },
  app_misconfigured: {
    cause: "GitHub rejects the App's ID or private key.",
    fix: "Check `GITHUB_APP_ID`, `GITHUB_PRIVATE_KEY` and the host's clock.",
  },
  capability_not_configured: {
    cause: "The host is not configured for this endpoint. The message names the option.",
    fix: "Set the option.",
  },
  app_signing_failed: {
    cause: "`app.signJwt` failed or took too long.",
    fix: "Check the vault that holds the App's key, and its permissions.",
  },
  branch_moved: { cause: "Other clients moved the branch in each of five rounds.", fix: RETRY },
  source_changed: { cause: "A file kept changing while it was read.", fix: RETRY },
  source_unavailable: {
    cause: "The source of project files is unreachable or rejects access. `details.reason` says which.",
    fix: "Check the source's credential and network. Then retry the sync.",
  },
  repository_empty: {
    cause: "The repository has no commits, and the operation needs one.",
    fix: "Sync to it once, or create it with an initial commit.",
  },
  input_too_large: {
    cause: "The project, an ignore file or the change is larger than the SDK or GitHub accepts.",
    fix: "Remove or ignore the files that the message names.",
  },
  writer_refused: {
    cause: "The chosen writer cannot make this commit, or a proxy blocks it.",
    fix: "Use the writer `auto`.",
  },
  tree_mismatch: {
    cause: "GitHub stored other files than the SDK sent. The branch was not moved.",
    fix: "Report it with the log: this is a bug.",
  },
  github_rejected: {
    cause: "GitHub rejected a request for an unexpected reason.",
    fix: "Read the message and the log.",
  },
  github_redirect_refused: {
    cause: "GitHub redirected a request to another host, which would have received the token.",
    fix: "Check `GITHUB_API_URL`, `GITHUB_SERVER_URL` and the proxy.",
  },
  github_unavailable: { cause: "GitHub is unreachable or has an incident.", fix: RETRY },
  github_timeout: { cause: "GitHub did not respond in time.", fix: RETRY },
  lease_lost: { cause: "Another process took over the branch.", fix: RETRY },
  sync_interrupted: { cause: "The process ended in the middle of the sync, three times.", fix: RETRY },
  store_failed: { cause: "The database failed.", fix: "Read the log, check the database, and retry." },
  internal_error: { cause: "An unexpected error.", fix: "Read the log. It has the reason." },
};
