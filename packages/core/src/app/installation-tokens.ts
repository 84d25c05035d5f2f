import { z } from "zod";
import type { Clock } from "../adapters/clock.js";
import { GitHubSdkError } from "../errors.js";
import type { Credential } from "../github/credential.js";
import { errorFromAnswer } from "../github/error-mapping.js";
import { parseAnswer } from "../github/parse-answer.js";
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
const MOST_KEPT = 1_000;
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
  readonly #kept = new Map<string, InstallationToken>();
  readonly #minting = new Map<string, Promise<InstallationToken>>();

  constructor(app: AppClient, clock: Clock, closing: AbortSignal) {
    this.#app = app;
    this.#clock = clock;
    this.#closing = closing;
  }

  /** A token that is valid for some minutes at least. @throws GitHubSdkError `installation_not_found`, `insufficient_permissions`, … */
  async get(request: InstallationTokenRequest): Promise<InstallationToken> {
    const key = keyOf(request);
    const kept = this.#kept.get(key);
    if (kept !== undefined && kept.expiresAt.getTime() - this.#clock.now() > RENEWAL_MARGIN) return kept;
    const underWay = this.#minting.get(key);
    if (underWay !== undefined) return underWay;
    const minting = this.#mint(request).then((token) => this.#keep(key, token));
    this.#minting.set(key, minting);
    try {
      return await minting;
    } finally {
      this.#minting.delete(key);
    }
  }

  /** A credential that gives such tokens; a 401 to a fresh one is tried again for some seconds. */
  credential(request: InstallationTokenRequest): Credential {
    return {
      key: `installation:${request.installationId}`,
      kind: "installation",
      token: async () => (await this.get(request)).token,
      rejected: async (token, signal) => {
        const kept = this.#kept.get(keyOf(request));
        if (kept?.token !== token) return kept !== undefined;
        if (this.#clock.now() - kept.issuedAt > FRESH_FOR) {
          // Whatever made GitHub refuse it, this token is worth nothing any more.
          this.#kept.delete(keyOf(request));
          return false;
        }
        await this.#clock.sleep(PAUSE_WHILE_FRESH, signal);
        return true;
      },
    };
  }

  /** Forgets the tokens of an installation that was withdrawn or whose permissions changed. */
  forget(installationId: number): void {
    for (const key of this.#kept.keys()) if (JSON.parse(key)[0] === installationId) this.#kept.delete(key);
  }

  async #mint({ installationId, repositories, permissions }: InstallationTokenRequest): Promise<InstallationToken> {
    if (repositories !== undefined && repositories.length > MOST_REPOSITORIES) {
      throw new GitHubSdkError(
        "validation_failed",
        `A token can be narrowed to ${MOST_REPOSITORIES} repositories at most.`,
      );
    }
    const issuedAt = this.#clock.now();
    const parameters = {
      installation_id: installationId,
      ...(repositories === undefined ? {} : { repositories }),
      ...(permissions === undefined ? {} : { permissions }),
    };
    const answer = await this.#app.request(ROUTE, parameters, {
      signal: this.#closing,
      retry: "safe",
      expect: [403, 404, 422],
    });
    if (answer.status === 404) throw gone();
    if (answer.status === 422) throw tooMuch();
    if (answer.status !== 201) throw errorFromAnswer(answer, { method: "POST", route: ROUTE, touchesWorkflows: false });
    const minted = parseAnswer(tokenSchema, answer);
    return {
      token: minted.token,
      expiresAt: minted.expires_at,
      permissions: minted.permissions,
      repositorySelection: minted.repository_selection,
      issuedAt,
    };
  }

  #keep(key: string, token: InstallationToken): InstallationToken {
    this.#kept.delete(key);
    this.#kept.set(key, token);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MOST_KEPT) break;
      this.#kept.delete(oldest);
    }
    return token;
  }
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
