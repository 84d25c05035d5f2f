import type { AuthenticationRequest } from "../adapters/authenticator.js";
import type { AppManifestOptions } from "../app/app-manifest.js";
import type { CreatedApp } from "../app/created-app.js";
import { GitHubSdkError } from "../errors.js";

/** Stores the credentials of a GitHub App that an operator created at `GET /app/manifest`. The page is shown when it resolves. */
export type SaveApp = (app: CreatedApp) => Promise<void> | void;

/**
 * Returns true for a request of an operator of the host. `bearerToken` is the token of `Authorization`, or the query parameter
 * `operator_token` of a page.
 */
export type AuthorizeOperator = (request: AuthenticationRequest) => Promise<boolean> | boolean;

/** The parts of the manifest that the host chooses. */
export type HostAppManifest = Partial<Pick<AppManifestOptions, "name" | "url" | "description" | "public">>;

/** The validated options of the pages that create a GitHub App. */
export interface AppSetup {
  readonly saveApp: SaveApp;
  readonly authorizeOperator: AuthorizeOperator;
  readonly manifest: HostAppManifest;
}

/**
 * Validates the options of the pages that create a GitHub App; `null` without `saveApp`.
 *
 * @throws GitHubSdkError `invalid_options` when anyone could decide which App the host trusts
 */
export function resolveAppSetup({
  saveApp,
  authorizeOperator,
  appManifest = {},
}: {
  readonly saveApp?: SaveApp;
  readonly authorizeOperator?: AuthorizeOperator;
  readonly appManifest?: HostAppManifest;
}): AppSetup | null {
  if (saveApp === undefined) return null;
  if (typeof saveApp === "function" && typeof authorizeOperator === "function") {
    return { saveApp, authorizeOperator, manifest: appManifest };
  }
  throw new GitHubSdkError(
    "invalid_options",
    "The options of the endpoints are not valid. saveApp requires authorizeOperator: the user of the page decides which GitHub App the host trusts.",
  );
}
