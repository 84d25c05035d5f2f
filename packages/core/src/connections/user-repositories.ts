import * as z from "zod";
import type { Clock } from "../adapters/clock.js";
import type { GitHubResponse } from "../github/github-client.js";
import type { GitHubClients } from "../github/github-clients.js";
import { linkedPage, totalCount } from "../github/pagination.js";
import { parseResponse } from "../github/parse-response.js";
import { repositoryParameters } from "../github/repository-name.js";
import { RecentValues } from "../timing/recent-values.js";
import { parseScopes } from "./issued-token.js";
import type { UserCredential } from "./user-tokens.js";

/** A repository as a user sees it. */
export interface UserRepository {
  readonly id: number;
  readonly name: string;
  /** `owner/name`. */
  readonly fullName: string;
  readonly description: string | null;
  readonly private: boolean;
  readonly htmlUrl: string;
  readonly cloneUrl: string;
  readonly sshUrl: string;
  readonly defaultBranch: string;
  /** The user's permissions, such as `{ pull: true, push: false }`; `null` when GitHub does not send them. */
  readonly permissions: Readonly<Record<string, boolean>> | null;
  readonly owner: RepositoryOwner;
  readonly createdAt: Date | null;
  readonly updatedAt: Date | null;
  readonly pushedAt: Date | null;
}

/** The owner of a repository. */
export interface RepositoryOwner {
  readonly id: number;
  readonly login: string;
  readonly type: string | null;
  readonly avatarUrl: string | null;
  readonly htmlUrl: string | null;
}

/** One page of the repositories that a user can access. */
export interface RepositoryPage {
  readonly repositories: readonly UserRepository[];
  /** The number of repositories on all pages. */
  readonly totalCount: number;
  readonly page: number;
  readonly perPage: number;
}

/** The number of repositories that a user can access, and the scopes of the token that counted them. */
export interface RepositoryCount {
  readonly count: number;
  /** The current scopes of the token; `null` for a token type without scopes. */
  readonly scopes: readonly string[] | null;
}

const FRESH_FOR = 10_000;
const LIST = "GET /user/repos";

const text = z.string().nullish().default(null);
const date = z.coerce.date().nullish().default(null);

const repositorySchema = z
  .object({
    id: z.number().int(),
    name: z.string(),
    full_name: z.string(),
    description: text,
    private: z.boolean(),
    html_url: z.string(),
    clone_url: z.string(),
    ssh_url: z.string(),
    default_branch: z.string(),
    permissions: z.record(z.string(), z.boolean()).nullish().default(null),
    owner: z
      .object({ id: z.number().int(), login: z.string(), type: text, avatar_url: text, html_url: text })
      .transform(
        ({ avatar_url, html_url, ...same }): RepositoryOwner => ({ ...same, avatarUrl: avatar_url, htmlUrl: html_url }),
      ),
    created_at: date,
    updated_at: date,
    pushed_at: date,
  })
  .transform(
    (found): UserRepository => ({
      id: found.id,
      name: found.name,
      fullName: found.full_name,
      description: found.description,
      private: found.private,
      htmlUrl: found.html_url,
      cloneUrl: found.clone_url,
      sshUrl: found.ssh_url,
      defaultBranch: found.default_branch,
      permissions: found.permissions,
      owner: found.owner,
      createdAt: found.created_at,
      updatedAt: found.updated_at,
      pushedAt: found.pushed_at,
    }),
  );

/**
 * Reads the repositories that a user can access with one of the user's tokens.
 *
 * @see https://docs.github.com/en/rest/repos/repos#list-repositories-for-the-authenticated-user
 */
export class UserRepositories {
  readonly #clients: GitHubClients;
  readonly #clock: Clock;
  readonly #counts: RecentValues<RepositoryCount & { readonly at: number }>;

  constructor(clients: GitHubClients, clock: Clock) {
    this.#clients = clients;
    this.#clock = clock;
    this.#counts = new RecentValues(clock, { maxAgeMs: Number.POSITIVE_INFINITY });
  }

  /** Returns one page. Unless it is the last one, the total takes a second request, whose result is cached for 10 seconds. */
  async page(credential: UserCredential, page: number, perPage: number, signal: AbortSignal): Promise<RepositoryPage> {
    const response = await this.#request(credential, LIST, { page, per_page: perPage }, signal);
    const repositories = parseResponse(z.array(repositorySchema), response);
    const seen = (page - 1) * perPage + repositories.length;
    const isLast = linkedPage(response.headers, "last") === null && (page === 1 || repositories.length > 0);
    // The list may shrink between the two requests; the total is never less than this page shows.
    const total = isLast ? seen : await this.#total(credential, repositories.length === 0 ? 0 : seen, signal);
    return { repositories, totalCount: total, page, perPage };
  }

  /** Returns one repository by `owner/name`. @throws GitHubSdkError `repository_not_found`, `invalid_repository_name` */
  async get(credential: UserCredential, fullName: string, signal: AbortSignal): Promise<UserRepository> {
    const route = "GET /repos/{owner}/{repo}";
    return parseResponse(
      repositorySchema,
      await this.#request(credential, route, repositoryParameters(fullName), signal),
    );
  }

  /** Counts the repositories with one request for a page of one: the number of the last page is the count. */
  async count(credential: UserCredential, signal: AbortSignal): Promise<RepositoryCount> {
    const response = await this.#request(credential, LIST, { per_page: 1 }, signal, "never");
    const scopes = response.headers["x-oauth-scopes"];
    const count = {
      count: totalCount(response.headers, parseResponse(z.array(z.unknown()), response).length),
      scopes: scopes === undefined ? null : parseScopes(scopes),
    };
    this.#counts.put(credential.key, { ...count, at: this.#clock.now() });
    return count;
  }

  /** Returns the last count regardless of its age, or `null`. */
  lastCount(credential: UserCredential): RepositoryCount | null {
    return this.#counts.get(credential.key);
  }

  async #total(credential: UserCredential, atLeast: number, signal: AbortSignal): Promise<number> {
    const last = this.#counts.get(credential.key);
    const isFresh = last !== null && this.#clock.now() - last.at < FRESH_FOR;
    return Math.max(atLeast, (isFresh ? last : await this.count(credential, signal)).count);
  }

  #request(
    credential: UserCredential,
    route: string,
    parameters: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
    retry: "safe" | "never" = "safe",
  ): Promise<GitHubResponse> {
    return this.#clients.for(credential).request(route, parameters, { signal, retry });
  }
}
