import * as z from "zod";
import { readUntilConsistent } from "./read-until-consistent.js";
import { type RepositoryReading, type RepositoryResult, readRepository } from "./repository-reading.js";
import type { WebhookPayload } from "./webhook-request.js";
import type { WebhookApp, WebhookServices } from "./webhook-services.js";

const repositorySchema = z.object({
  repository: z.object({
    id: z.int(),
    node_id: z.string(),
    full_name: z.string(),
    owner: z.object({ id: z.int() }),
  }),
  // Deliveries of a repository webhook have no installation.
  installation: z.object({ id: z.int() }).nullish(),
  changes: z.object({ repository: z.object({ name: z.object({ from: z.string() }) }).optional() }).optional(),
});

/** A repository as the delivery describes it and as read from GitHub. */
interface Reading {
  readonly repositoryId: number;
  readonly installationId: number;
  /** `owner/name`, from the delivery. */
  readonly fullName: string;
  /** The former name, from the delivery; `null` unless the repository was renamed. */
  readonly previousName: string | null;
  readonly current: RepositoryResult;
}

/** Handles renamed, transferred and deleted repositories. */
export class RepositoryEvents {
  readonly #services: WebhookServices;
  readonly #app: WebhookApp;

  constructor(services: WebhookServices, app: WebhookApp) {
    this.#services = services;
    this.#app = app;
  }

  /** Stores the repository's current name. */
  async renamed(payload: WebhookPayload, signal: AbortSignal): Promise<void> {
    const reading = await this.#read(
      payload,
      signal,
      (current, { full_name }) => current !== "gone" && current.fullName === full_name,
    );
    if (reading === null || typeof reading.current === "string") return;
    await this.#rename(reading, reading.current);
  }

  /** Removes the repository from the former account's installations, and adds it to the new account's installation. */
  async transferred(payload: WebhookPayload, signal: AbortSignal): Promise<void> {
    const reading = await this.#read(
      payload,
      signal,
      (current, { owner }) => current === "gone" || current.ownerId === owner.id,
    );
    if (reading === null || reading.current === "unknown") return;
    const { apiUrl, installations } = this.#services;
    const { installationId, current } = reading;
    const key = { apiUrl, installationId };
    const account = (await installations.find(key))?.account;
    await installations.removeRepository(apiUrl, reading.repositoryId);
    if (current === "gone" || current.ownerId !== account?.id) return;
    const { id, fullName, private: isPrivate } = current;
    await installations.changeRepositories(key, [{ id, fullName, private: isPrivate }], []);
    await this.#rename(reading, current);
  }

  /** Deletes the stored repository and its links once GitHub no longer shows it. */
  async deleted(payload: WebhookPayload, signal: AbortSignal): Promise<void> {
    const reading = await this.#read(payload, signal, (current) => current === "gone");
    if (reading?.current !== "gone") return;
    const { repositoryId, fullName } = reading;
    const { apiUrl, installations, links } = this.#services;
    await installations.removeRepository(apiUrl, repositoryId);
    await links.removeRepository(apiUrl, repositoryId);
    this.#services.bus.emit("repository.deleted", { repositoryId, repository: fullName });
  }

  async #rename({ repositoryId, previousName }: Reading, { fullName }: RepositoryReading): Promise<void> {
    const { apiUrl, installations, links } = this.#services;
    await installations.renameRepository(apiUrl, repositoryId, fullName);
    await links.renameRepository(apiUrl, repositoryId, fullName);
    this.#services.bus.emit("repository.renamed", { repositoryId, repository: fullName, previousName });
  }

  async #read(
    payload: WebhookPayload,
    signal: AbortSignal,
    matches: (
      current: Exclude<RepositoryResult, "unknown">,
      delivered: z.infer<typeof repositorySchema>["repository"],
    ) => boolean,
  ): Promise<Reading | null> {
    const { repository, installation, changes } = repositorySchema.parse(payload);
    if (installation === undefined || installation === null) return null;
    const query = { installationId: installation.id, nodeId: repository.node_id, ref: null, signal };
    const current = await readUntilConsistent(
      () => readRepository(this.#services, this.#app, query),
      (result) => result === "unknown" || matches(result, repository),
      this.#services.clock,
      signal,
    );
    if (typeof current !== "string" && current.id !== repository.id) return null;
    const [owner = ""] = repository.full_name.split("/");
    const formerName = changes?.repository?.name.from;
    return {
      repositoryId: repository.id,
      installationId: installation.id,
      fullName: repository.full_name,
      previousName: formerName === undefined ? null : `${owner}/${formerName}`,
      current,
    };
  }
}
