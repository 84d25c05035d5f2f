import * as z from "zod";
import type { Clock } from "../adapters/clock.js";
import type { Installation } from "../domain/installation.js";
import { GitHubSdkError, isGitHubSdkError } from "../errors.js";
import type { Credential } from "../github/credential.js";
import { errorFromResponse } from "../github/error-mapping.js";
import type { GitHubClient } from "../github/github-client.js";
import type { GitHubClients } from "../github/github-clients.js";
import { parseResponse } from "../github/parse-response.js";
import { parseRepositoryName } from "../github/repository-name.js";
import type { AppClient } from "./app-client.js";
import { type AppRepository, appRepositorySchema } from "./app-repository.js";
import type { CreateRepositoryRequest } from "./github-app.js";
import type { InstallationTokens } from "./installation-tokens.js";
import { createRepository } from "./repository-creation.js";

/** The services that {@link RepositoryCreator} works with. */
export interface RepositoryCreatorServices {
  readonly app: AppClient;
  readonly tokens: InstallationTokens;
  readonly clients: GitHubClients;
  readonly clock: Clock;
  /** Aborted when the SDK is closed. */
  readonly closing: AbortSignal;
}

const installationSchema = z.object({ id: z.int() });
const topicsSchema = z.object({ topics: z.array(z.string()).default([]) });

const TOPICS = "PUT /repos/{owner}/{repo}/topics";
// A new repository reaches all of GitHub's servers only after some seconds.
const REPLICATION_ATTEMPTS = 5;
const REPLICATION_PAUSE_MS = 500;

/** Creates repositories with their topics, or returns existing ones when the request allows it. */
export class RepositoryCreator {
  readonly #services: RepositoryCreatorServices;

  constructor(services: RepositoryCreatorServices) {
    this.#services = services;
  }

  /**
   * Creates a repository in the installation's account. An existing one is searched before, so that a repeated request needs no
   * permission to create repositories, and after a rejection, for one that was created in the meantime.
   *
   * @param user Returns the credential of the account's user, for a personal account.
   * @throws GitHubSdkError `invalid_repository_name`, and as `createRepository`
   */
  async create(
    installation: Installation,
    request: CreateRepositoryRequest,
    user: () => Promise<Credential>,
  ): Promise<AppRepository> {
    // GitHub replaces invalid characters in a name instead of rejecting them.
    parseRepositoryName(`${installation.account.login}/${request.name}`);
    const usesExisting = request.ifExists === "use";
    const existing = usesExisting ? await this.#existing(installation, request) : null;
    if (existing !== null) return existing;
    try {
      return await this.#create(installation, request, user);
    } catch (error) {
      if (!usesExisting || !isGitHubSdkError(error, "repository_exists")) throw error;
      return (await this.#existing(installation, request)) ?? refuse(installation, request, error);
    }
  }

  async #create(
    installation: Installation,
    request: CreateRepositoryRequest,
    user: () => Promise<Credential>,
  ): Promise<AppRepository> {
    const { clients, closing } = this.#services;
    const permissions = request.template === undefined ? {} : { contents: "read" };
    const credentials = { installation: () => this.#administration(installation, permissions), user };
    const { repository, client } = await createRepository(clients, installation, request, credentials, closing);
    await this.#setTopics(client, repository, request.topics ?? []);
    return repository;
  }

  /** Returns the repository of the requested name if the installation can access it, else `null`. */
  async #existing(installation: Installation, request: CreateRepositoryRequest): Promise<AppRepository | null> {
    const { app, clients, tokens, closing: signal } = this.#services;
    const { installationId, account } = installation;
    const parameters = { owner: account.login, repo: request.name };
    // A public repository can be read by every installation, so that reading it proves no access.
    const holder = await app.request("GET /repos/{owner}/{repo}/installation", parameters, { signal, expect: [404] });
    if (installationSchema.safeParse(holder.data).data?.id !== installationId) return null;
    const client = clients.for(tokens.credential({ installationId, permissions: { metadata: "read" } }));
    const response = await client.request("GET /repos/{owner}/{repo}", parameters, { signal, expect: [404] });
    if (response.status === 404) return null;
    const repository = parseResponse(appRepositorySchema, response);
    // GitHub redirects the former name of a renamed repository, which is free.
    if (repository.fullName.toLowerCase() !== `${account.login}/${request.name}`.toLowerCase()) return null;
    const { topics } = parseResponse(topicsSchema, response);
    if (topics.length === 0 && request.topics !== undefined) {
      await this.#setTopics(clients.for(this.#administration(installation)), repository, request.topics);
    }
    return repository;
  }

  async #setTopics(client: GitHubClient, { fullName }: AppRepository, names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    const [owner = "", repo = ""] = fullName.split("/");
    try {
      await this.#putTopics(client, { owner, repo, names });
    } catch (error) {
      if (!isGitHubSdkError(error)) throw error;
      const message = `${fullName} exists now, but its topics could not be set. ${error.message}`;
      throw new GitHubSdkError(error.code, message, { cause: error, details: error.details });
    }
  }

  async #putTopics(client: GitHubClient, parameters: Readonly<Record<string, unknown>>): Promise<void> {
    const { clock, closing: signal } = this.#services;
    for (let attempt = 1; ; attempt += 1) {
      const response = await client.request(TOPICS, parameters, { signal, retry: "safe", expect: [404] });
      if (response.status !== 404) return;
      if (attempt === REPLICATION_ATTEMPTS) {
        throw errorFromResponse(response, { method: "PUT", route: TOPICS, touchesWorkflows: false });
      }
      await clock.sleep(REPLICATION_PAUSE_MS, signal);
    }
  }

  #administration({ installationId }: Installation, others: Readonly<Record<string, string>> = {}): Credential {
    return this.#services.tokens.credential({ installationId, permissions: { administration: "write", ...others } });
  }
}

function refuse({ account }: Installation, { name }: CreateRepositoryRequest, cause: unknown): never {
  throw new GitHubSdkError(
    "repository_exists",
    `${account.login} already has a repository named "${name}", which this installation cannot access. Add it in the installation's settings on GitHub, or choose another name.`,
    { cause },
  );
}
