import type { Installation } from "@infrajet/github/adapters";
import { GitHubSdkError } from "../../src/errors.js";
import type { Credential } from "../../src/github/credential.js";
import type { GitHubClient, GitHubResponse } from "../../src/github/github-client.js";
import type { GitHubClients } from "../../src/github/github-clients.js";
import type { WebhookApp } from "../../src/webhooks/webhook-services.js";

/** A repository of {@link GitHubNow}. */
export interface RepositoryNow {
  readonly id: number;
  readonly nodeId: string;
  fullName: string;
  ownerId: number;
  readonly branches: Map<string, { oid: string; message: string }>;
}

/** An entry of GitHub's delivery log. */
export interface LogEntry {
  readonly id: number;
  readonly guid: string;
  readonly delivered_at: string;
  readonly status_code: number;
  readonly event: string;
  readonly action: string | null;
}

export const API_URL = "https://api.github.test";
export const APP_ID = 4711;

/**
 * The current state of GitHub, independent of deliveries. It implements only the requests of webhooks, and responds without
 * delay, so that tests control the clock.
 */
export class GitHubNow {
  readonly installations = new Map<number, Installation>();
  readonly repositories = new Map<string, RepositoryNow>();
  /** The repositories by installation. */
  readonly reach = new Map<number, readonly RepositoryNow[]>();
  /** The IDs of owners by login, by organization. */
  readonly owners = new Map<string, ReadonlyMap<string, number>>();
  /** The ID of the organization in memberships. */
  organizationId = 900;
  log: readonly LogEntry[] = [];
  /** The log entries that GitHub refuses to redeliver. */
  readonly refusedRedeliveries = new Set<number>();
  /** The methods and routes of all requests. */
  readonly requested: string[] = [];
  readonly redelivered: number[] = [];
  /** Called before every response. */
  before: (route: string) => void = () => {};

  readonly app: WebhookApp = {
    appId: APP_ID,
    readInstallation: async (installationId) => {
      this.#receive("GET /app/installations/{installation_id}");
      return structuredClone(this.installations.get(installationId) ?? null);
    },
    credential: ({ installationId }) => ({
      key: `installation:${installationId}`,
      kind: "installation",
      token: async () => "",
    }),
    request: async (route, parameters) => this.#logRequest(route, parameters),
  };

  readonly clients: GitHubClients = {
    apiUrl: API_URL,
    for: (credential) => this.#client(credential),
    limited: () => {},
    close: async () => {},
  };

  #client(credential: Credential): GitHubClient {
    const installationId = Number(credential.key.split(":")[1]);
    const requireInstallation = (): Installation => {
      const installation = this.installations.get(installationId);
      if (installation === undefined) throw new GitHubSdkError("installation_not_found", "not found");
      return installation;
    };
    return {
      apiUrl: API_URL,
      credential,
      request: async (route, parameters) => {
        this.#receive(route);
        requireInstallation();
        if (route === "GET /installation/repositories") return this.#reachable(installationId, parameters);
        if (route === "GET /orgs/{org}/memberships/{username}") return this.#membership(parameters);
        throw new Error(`${route} is not implemented.`);
      },
      git: () => Promise.reject(new Error("Webhooks do not push.")),
      graphql: async (_query, variables, schema) => {
        this.#receive("POST /graphql");
        requireInstallation();
        const repository = this.repositories.get(String(variables.id));
        if (repository === undefined) throw new GitHubSdkError("repository_not_found", "not found");
        const target = repository.branches.get(String(variables.ref));
        return schema.parse({
          node: {
            databaseId: repository.id,
            nameWithOwner: repository.fullName,
            isPrivate: true,
            owner: { databaseId: repository.ownerId },
            ...(variables.hasRef === true ? { ref: target === undefined ? null : { target } } : {}),
          },
        });
      },
    };
  }

  #reachable(installationId: number, { page = 1 }: { page?: unknown }): GitHubResponse {
    const all = this.reach.get(installationId) ?? [];
    const begin = (Number(page) - 1) * 100;
    const repositories = all.slice(begin, begin + 100).map(({ id, fullName }) => ({
      ...{ id, full_name: fullName, private: true },
    }));
    const next = `<${API_URL}/installation/repositories?per_page=100&page=${Number(page) + 1}>; rel="next"`;
    const headers: Record<string, string> = begin + 100 < all.length ? { link: next } : {};
    return { status: 200, headers, data: { total_count: all.length, repositories } };
  }

  #membership({ org, username }: { org?: unknown; username?: unknown }): GitHubResponse {
    const id = this.owners.get(String(org))?.get(String(username));
    if (id === undefined) return { status: 404, headers: {}, data: {} };
    return {
      status: 200,
      headers: {},
      data: { state: "active", role: "admin", user: { id }, organization: { id: this.organizationId } },
    };
  }

  #logRequest(route: string, parameters: Readonly<Record<string, unknown>>): GitHubResponse {
    this.#receive(route);
    if (route.startsWith("POST")) {
      const id = Number(parameters.delivery_id);
      if (this.refusedRedeliveries.has(id)) throw new GitHubSdkError("github_rejected", "too old");
      this.redelivered.push(id);
      return { status: 202, headers: {}, data: {} };
    }
    // The cursor is the number of entries before it.
    const begin = Number(parameters.cursor ?? 0);
    const link = `<${API_URL}/app/hook/deliveries?per_page=2&cursor=${begin + 2}>; rel="next"`;
    const headers: Record<string, string> = begin + 2 < this.log.length ? { link } : {};
    return { status: 200, headers, data: this.log.slice(begin, begin + 2) };
  }

  #receive(route: string): void {
    this.requested.push(route);
    this.before(route);
  }
}
