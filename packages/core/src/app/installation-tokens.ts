import { z } from "zod";
import type { Clock } from "../adapters/clock.js";
import { defined } from "../defined.js";
import { GitHubSdkError } from "../errors.js";
import type { Credential } from "../github/credential.js";
import { errorFromAnswer } from "../github/error-mapping.js";
import type { GitHubResponse } from "../github/github-client.js";
import { parseAnswer } from "../github/parse-answer.js";
import { RecentValues } from "../timing/recent-values.js";
import type { AppClient } from "./app-client.js";

/** What a token is for. */
export interface InstallationTokenRequest {
  readonly installationId: number;
  /** Names without the owner; left out: all that the installation has. */
  readonly repositories?: readonly string[];
  /** Such as `{ contents: "write" }`; left out: all that the installation has. */
  readonly permissions?: Readonly<Record<string, string>>;
}

/** A token of an installation. */
export interface InstallationToken {
  readonly token: string;
  readonly expiresAt: Date;
  readonly permissions: Readonly<Record<string, string>>;
  readonly repositorySelection: "all" | "selected";
  /** Epoch milliseconds. */
  readonly issuedAt: number;
}

const tokenSchema = z.object({
  token: z.string().min(1),
  expires_at: z.coerce.date(),
  permissions: z.record(z.string(), z.string()).default({}),
  repository_selection: z.enum(["all", "selected"]).default("all"),
});

const ROUTE = "POST /app/installations/{installation_id}/access_tokens";
// A token is renewed this long before its end: requests that are under way then still count.
const RENEWAL_MARGIN = 5 * 60_000;
// GitHub's servers need some seconds to learn of a new token.
const FRESH_FOR = 5_000;
const PAUSE_WHILE_FRESH = 500;
// A token of this age was taken before: it ended for a reason that minting the next one tells.
const SETTLED_AFTER = 60_000;
// GitHub issues these tokens for an hour.
const LONGEST_LIFE = 60 * 60_000;
// https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app
const MOST_REPOSITORIES = 500;

/**
 * Tokens of installations: minted once however many callers want the same, kept until shortly before they end, never
 * shared between installations, repositories or permissions. Belongs to one SDK instance, hence to one App on one GitHub.
 */
export class InstallationTokens {
  readonly #app: AppClient;
  readonly #clock: Clock;
  readonly #closing: AbortSignal;
  readonly #kept: RecentValues<InstallationToken>;
  readonly #minting = new Map<string, Promise<InstallationToken>>();

  constructor(app: AppClient, clock: Clock, closing: AbortSignal) {
    this.#app = app;
    this.#clock = clock;
    this.#kept = new RecentValues(clock, { maxAgeMs: LONGEST_LIFE });
    this.#closing = closing;
  }

  /**
   * A token that is valid for some minutes at least.
   *
   * @throws GitHubSdkError `validation_failed`, `installation_not_found`, `insufficient_permissions`, `app_misconfigured`
   */
  async get(request: InstallationTokenRequest): Promise<InstallationToken> {
    const key = keyOf(request);
    const kept = this.#kept.get(key);
    if (kept !== null && kept.expiresAt.getTime() - this.#app.now() > RENEWAL_MARGIN) return kept;
    const underWay = this.#minting.get(key);
    if (underWay !== undefined) return underWay;
    const minting = this.#mint(request);
    this.#minting.set(key, minting);
    try {
      const token = await minting;
      // What was forgotten meanwhile was minted for an installation that is another one by now.
      if (this.#minting.get(key) === minting) this.#kept.put(key, token);
      return token;
    } finally {
      if (this.#minting.get(key) === minting) this.#minting.delete(key);
    }
  }

  /** A credential that gives such tokens; a refused one is tried again while it is fresh, and replaced when it was good before. */
  credential(request: InstallationTokenRequest): Credential {
    return {
      key: `installation:${request.installationId}`,
      kind: "installation",
      token: async () => (await this.get(request)).token,
      rejected: (token, signal) => this.#rejected(request, token, signal),
    };
  }

  /** Forgets the tokens of an installation that was withdrawn or whose permissions changed. */
  forget(installationId: number): void {
    const prefix = `[${installationId},`;
    this.#kept.deletePrefix(prefix);
    for (const key of this.#minting.keys()) if (key.startsWith(prefix)) this.#minting.delete(key);
  }

  async #rejected(request: InstallationTokenRequest, token: string, signal: AbortSignal): Promise<boolean> {
    const key = keyOf(request);
    const kept = this.#kept.get(key);
    // The next one is another token, or minting it says what is wrong.
    if (kept === null || kept.token !== token) return true;
    const age = this.#clock.now() - kept.issuedAt;
    if (age < FRESH_FOR) {
      await this.#clock.sleep(PAUSE_WHILE_FRESH, signal);
      return true;
    }
    this.#kept.delete(key);
    if (age >= SETTLED_AFTER) return true;
    await this.get(request);
    throw new GitHubSdkError(
      "github_unavailable",
      "GitHub does not take the token that it has just issued. Try again.",
    );
  }

  async #mint(request: InstallationTokenRequest): Promise<InstallationToken> {
    assertNarrows(request);
    const { installationId, repositories, permissions } = request;
    const issuedAt = this.#clock.now();
    const parameters = defined({ installation_id: installationId, repositories, permissions });
    const answer = await this.#app.request(ROUTE, parameters, {
      signal: this.#closing,
      retry: "safe",
      expect: [403, 404, 422],
    });
    if (answer.status === 422) throw tooMuch();
    if (answer.status !== 201) {
      this.forget(installationId);
      throw answer.status === 404 ? gone() : refused(answer);
    }
    const minted = parseAnswer(tokenSchema, answer);
    return {
      token: minted.token,
      expiresAt: minted.expires_at,
      permissions: minted.permissions,
      repositorySelection: minted.repository_selection,
      issuedAt,
    };
  }
}

/** GitHub would take an empty list for none: a token that was to be narrowed to nothing would reach everything. */
function assertNarrows({ repositories, permissions }: InstallationTokenRequest): void {
  if (repositories?.length === 0) throw invalid("repositories: name at least one, or leave it out for all.");
  if (permissions !== undefined && Object.keys(permissions).length === 0) {
    throw invalid("permissions: name at least one, or leave it out for all.");
  }
  if (repositories !== undefined && repositories.length > MOST_REPOSITORIES) {
    throw invalid(`repositories: a token can be narrowed to ${MOST_REPOSITORIES} at most.`);
  }
}

function invalid(words: string): GitHubSdkError {
  return new GitHubSdkError("validation_failed", words);
}

function refused(answer: GitHubResponse): GitHubSdkError {
  const error = errorFromAnswer(answer, { method: "POST", route: ROUTE, touchesWorkflows: false });
  if (!/suspended/i.test(JSON.stringify(answer.data))) return error;
  const words = "The installation is suspended. Its owner can end that in the installation's settings on GitHub.";
  return new GitHubSdkError("insufficient_permissions", words, { cause: error });
}

function keyOf({ installationId, repositories, permissions }: InstallationTokenRequest): string {
  const names = repositories === undefined ? null : [...new Set(repositories.map((name) => name.toLowerCase()))].sort();
  const asked = permissions === undefined ? null : Object.entries(permissions).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([installationId, names, asked]);
}

function gone(): GitHubSdkError {
  return new GitHubSdkError("installation_not_found", "The App is not installed there any more. Install it again.");
}

function tooMuch(): GitHubSdkError {
  return new GitHubSdkError(
    "insufficient_permissions",
    "The installation does not have these repositories or permissions. Grant them in the installation's settings on GitHub.",
  );
}
