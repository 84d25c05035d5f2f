import * as z from "zod";
import type { Clock } from "../adapters/clock.js";
import type { TokenCache, TokenCacheInstallation, TokenCacheKey } from "../adapters/token-cache.js";
import { defined } from "../defined.js";
import type { InstallationToken } from "../domain/installation-token.js";
import { GitHubSdkError } from "../errors.js";
import type { Credential } from "../github/credential.js";
import { errorFromResponse } from "../github/error-mapping.js";
import type { GitHubResponse } from "../github/github-client.js";
import { parseResponse } from "../github/parse-response.js";
import type { Logger } from "../logger.js";
import { Outage } from "../outage.js";
import type { AppClient } from "./app-client.js";

/** A request for an installation token. */
export interface InstallationTokenRequest {
  readonly installationId: number;
  /** Repository names without the owner. Defaults to all repositories of the installation. */
  readonly repositories?: readonly string[];
  /** Permissions such as `{ contents: "write" }`. Defaults to all permissions of the installation. */
  readonly permissions?: Readonly<Record<string, string>>;
}

const tokenSchema = z.object({
  token: z.string().min(1),
  expires_at: z.coerce.date(),
  permissions: z.record(z.string(), z.string()).default({}),
  repository_selection: z.enum(["all", "selected"]).default("all"),
});

const ROUTE = "POST /app/installations/{installation_id}/access_tokens";
// A token is renewed early, so that it does not expire during a request.
const RENEWAL_MARGIN_MS = 5 * 60_000;
// A new token reaches all of GitHub's servers only after some seconds.
const REPLICATION_MS = 5_000;
const REPLICATION_RETRY_MS = 500;
// A token of this age was accepted before. The request for the next token reveals why GitHub rejects it now.
const REPLICATED_AFTER_MS = 60_000;
// https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app
const MAX_REPOSITORIES = 500;

/** The services of {@link InstallationTokens}. */
export interface InstallationTokensServices {
  readonly apiUrl: string;
  readonly appId: number;
  readonly client: AppClient;
  readonly cache: TokenCache;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly closing: AbortSignal;
}

/**
 * Provides installation tokens. Concurrent callers share one request, and a token is cached until shortly before it expires.
 * Tokens of different installations, repositories or permissions are never shared. One instance serves one App on one GitHub.
 */
export class InstallationTokens {
  readonly #services: InstallationTokensServices;
  readonly #pending = new Map<string, Promise<InstallationToken>>();
  readonly #outage: Outage;

  constructor(services: InstallationTokensServices) {
    this.#services = services;
    const message =
      "The cache of installation tokens is unreachable. Tokens are requested from GitHub until it is back.";
    this.#outage = new Outage(services.logger, message);
  }

  /**
   * Returns a token that is valid for at least 5 minutes.
   *
   * @param isPatient true for work in the background, which waits for a rate limit as long as the SDK allows
   * @throws GitHubSdkError `validation_failed`, `installation_not_found`, `insufficient_permissions`, `app_misconfigured`
   */
  async get(request: InstallationTokenRequest, isPatient = false): Promise<InstallationToken> {
    const key = this.#keyOf(request);
    const { client, cache } = this.#services;
    const cached = await this.#tried(() => cache.get(key));
    if (cached !== null && cached.expiresAt.getTime() - client.now() > RENEWAL_MARGIN_MS) return cached;
    // A caller that must not wait does not join one that may.
    const name = nameOf(key, isPatient);
    const pending = this.#pending.get(name);
    if (pending !== undefined) return pending;
    const created = this.#create(request, isPatient);
    this.#pending.set(name, created);
    try {
      const token = await created;
      // A token whose installation was forgotten in the meantime may have outdated permissions.
      if (this.#pending.get(name) === created) await this.#tried(() => cache.put(key, token));
      return token;
    } finally {
      if (this.#pending.get(name) === created) this.#pending.delete(name);
    }
  }

  /**
   * Returns a credential of such tokens. A rejected token is retried while it is new, and replaced when it worked before.
   *
   * @param isPatient true for work in the background, which waits for a rate limit as long as the SDK allows
   */
  credential(request: InstallationTokenRequest, isPatient = false): Credential {
    return {
      key: `installation:${request.installationId}`,
      kind: "installation",
      token: async () => (await this.get(request, isPatient)).token,
      rejected: (token, signal) => this.#rejected(request, token, signal, isPatient),
    };
  }

  /** Discards the cached tokens of an installation that was removed or whose permissions changed. */
  forget(installationId: number): void {
    for (const name of this.#pending.keys()) if (name.startsWith(`${installationId} `)) this.#pending.delete(name);
    void this.#tried(() => this.#services.cache.forget(this.#installation(installationId)));
  }

  async #rejected(
    request: InstallationTokenRequest,
    token: string,
    signal: AbortSignal,
    isPatient: boolean,
  ): Promise<boolean> {
    const { cache, clock } = this.#services;
    const key = this.#keyOf(request);
    const cached = await this.#tried(() => cache.get(key));
    // The retry uses a different token, or the request for it reveals the cause.
    if (cached === null || cached.token !== token) return true;
    const age = clock.now() - cached.issuedAt;
    if (age < REPLICATION_MS) {
      await clock.sleep(REPLICATION_RETRY_MS, signal);
      return true;
    }
    await this.#tried(() => cache.remove(key, token));
    if (age >= REPLICATED_AFTER_MS) return true;
    await this.get(request, isPatient);
    throw new GitHubSdkError("github_unavailable", "GitHub rejects a token that it has just issued. Try again later.");
  }

  async #create(request: InstallationTokenRequest, isPatient: boolean): Promise<InstallationToken> {
    validateRestrictions(request);
    const { installationId, repositories, permissions } = request;
    const { client, clock, closing } = this.#services;
    const issuedAt = clock.now();
    const parameters = defined({ installation_id: installationId, repositories, permissions });
    const response = await client.request(ROUTE, parameters, {
      signal: closing,
      retry: "safe",
      isPatient,
      expect: [403, 404, 422],
    });
    if (response.status === 422) throw notGranted();
    if (response.status !== 201) {
      this.forget(installationId);
      throw response.status === 404 ? notInstalled() : refused(response);
    }
    const issued = parseResponse(tokenSchema, response);
    return {
      token: issued.token,
      expiresAt: issued.expires_at,
      permissions: issued.permissions,
      repositorySelection: issued.repository_selection,
      issuedAt,
    };
  }

  #keyOf({ installationId, repositories, permissions }: InstallationTokenRequest): TokenCacheKey {
    const names = repositories?.map((name) => name.toLowerCase());
    const sorted = Object.entries(permissions ?? {}).sort(([one], [other]) => (one < other ? -1 : 1));
    return {
      ...this.#installation(installationId),
      repositories: names === undefined ? null : [...new Set(names)].sort(),
      permissions: permissions === undefined ? null : Object.fromEntries(sorted),
    };
  }

  #installation(installationId: number): TokenCacheInstallation {
    const { apiUrl, appId } = this.#services;
    return { apiUrl, appId, installationId };
  }

  /** Returns `null` when the cache fails. */
  async #tried<Result>(use: () => Promise<Result>): Promise<Result | null> {
    try {
      const result = await use();
      this.#outage.succeeded();
      return result;
    } catch (error) {
      this.#outage.failed(error);
      return null;
    }
  }
}

/** Rejects empty restrictions: GitHub would treat an empty list as no restriction at all. */
function validateRestrictions({ repositories, permissions }: InstallationTokenRequest): void {
  if (repositories?.length === 0)
    throw invalid("`repositories` must name at least one repository. Omit it for all repositories.");
  if (permissions !== undefined && Object.keys(permissions).length === 0) {
    throw invalid("`permissions` must name at least one permission. Omit it for all permissions.");
  }
  if (repositories !== undefined && repositories.length > MAX_REPOSITORIES) {
    throw invalid(`\`repositories\` must name at most ${MAX_REPOSITORIES} repositories.`);
  }
}

function invalid(message: string): GitHubSdkError {
  return new GitHubSdkError("validation_failed", message);
}

function refused(response: GitHubResponse): GitHubSdkError {
  const error = errorFromResponse(response, { method: "POST", route: ROUTE, touchesWorkflows: false });
  if (!/suspended/i.test(JSON.stringify(response.data))) return error;
  const message = "The installation is suspended. Its owner can unsuspend it in the installation's settings on GitHub.";
  return new GitHubSdkError("insufficient_permissions", message, { cause: error });
}

function nameOf({ installationId, repositories, permissions }: TokenCacheKey, isPatient: boolean): string {
  return `${installationId} ${JSON.stringify([repositories, permissions, isPatient])}`;
}

/** Creates the error for an installation that does not exist. */
export function notInstalled(): GitHubSdkError {
  return new GitHubSdkError(
    "installation_not_found",
    "The App is no longer installed in this account. Install it again.",
  );
}

function notGranted(): GitHubSdkError {
  return new GitHubSdkError(
    "insufficient_permissions",
    "The installation does not have access to these repositories or permissions. Grant them in the installation's settings on GitHub.",
  );
}
