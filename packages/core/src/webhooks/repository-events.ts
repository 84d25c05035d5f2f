import { z } from "zod";
import { settledReading } from "./read-until-consistent.js";
import { type RepositoryAnswer, type RepositoryReading, readRepository } from "./repository-reading.js";
import type { WebhookPayload } from "./webhook-request.js";
import type { WebhookApp, WebhookServices } from "./webhook-services.js";

const repositorySchema = z.object({
  repository: z.object({
    id: z.int(),
    node_id: z.string(),
    full_name: z.string(),
    owner: z.object({ id: z.int() }),
  }),
  // Webhooks of a repository have none.
  installation: z.object({ id: z.int() }).nullish(),
  changes: z.object({ repository: z.object({ name: z.object({ from: z.string() }) }).optional() }).optional(),
});

/** What a delivery says, and what GitHub shows. */
interface Told {
  readonly repositoryId: number;
  readonly installationId: number;
  /** `owner/name`, as the delivery has it. */
  readonly fullName: string;
  /** The name before, as the delivery has it; `null` unless it was renamed. */
  readonly previousName: string | null;
  readonly read: RepositoryAnswer;
}

/** What the SDK does when a repository is renamed, moved or deleted. */
export class RepositoryEvents {
  readonly #services: WebhookServices;
  readonly #app: WebhookApp;

  constructor(services: WebhookServices, app: WebhookApp) {
    this.#services = services;
    this.#app = app;
  }

  /** Gives it the name that it has now. */
  async renamed(payload: WebhookPayload, signal: AbortSignal): Promise<void> {
    const told = await this.#read(
      payload,
      signal,
      (now, { full_name }) => now !== "gone" && now.fullName === full_name,
    );
    if (told === null || typeof told.read === "string") return;
    await this.#rename(told, told.read);
  }

  /** Takes it out of the installations of the account that had it, and into that of the one that has it. */
  async transferred(payload: WebhookPayload, signal: AbortSignal): Promise<void> {
    const told = await this.#read(payload, signal, (now, { owner }) => now === "gone" || now.ownerId === owner.id);
    if (told === null || told.read === "unknown") return;
    const { apiUrl, installations } = this.#services;
    const { installationId, read } = told;
    const key = { apiUrl, installationId };
    const account = (await installations.find(key))?.account;
    await installations.removeRepository(apiUrl, told.repositoryId);
    if (read === "gone" || read.ownerId !== account?.id) return;
    const { id, fullName, private: isPrivate } = read;
    await installations.changeRepositories(key, [{ id, fullName, private: isPrivate }], []);
    await this.#rename(told, read);
  }

  /** Forgets it, once GitHub shows it no more. */
  async deleted(payload: WebhookPayload, signal: AbortSignal): Promise<void> {
    const told = await this.#read(payload, signal, (now) => now === "gone");
    if (told?.read !== "gone") return;
    await this.#services.installations.removeRepository(this.#services.apiUrl, told.repositoryId);
    this.#services.bus.emit("repository.deleted", { repositoryId: told.repositoryId, repository: told.fullName });
  }

  async #rename({ repositoryId, previousName }: Told, { fullName }: RepositoryReading): Promise<void> {
    await this.#services.installations.renameRepository(this.#services.apiUrl, repositoryId, fullName);
    this.#services.bus.emit("repository.renamed", { repositoryId, repository: fullName, previousName });
  }

  async #read(
    payload: WebhookPayload,
    signal: AbortSignal,
    fits: (now: Exclude<RepositoryAnswer, "unknown">, said: z.infer<typeof repositorySchema>["repository"]) => boolean,
  ): Promise<Told | null> {
    const { repository, installation, changes } = repositorySchema.parse(payload);
    if (installation === undefined || installation === null) return null;
    const question = { installationId: installation.id, nodeId: repository.node_id, ref: null, signal };
    const read = await settledReading(
      () => readRepository(this.#services, this.#app, question),
      (now) => now === "unknown" || fits(now, repository),
      this.#services.clock,
      signal,
    );
    if (typeof read !== "string" && read.id !== repository.id) return null;
    const [owner = ""] = repository.full_name.split("/");
    const before = changes?.repository?.name.from;
    return {
      repositoryId: repository.id,
      installationId: installation.id,
      fullName: repository.full_name,
      previousName: before === undefined ? null : `${owner}/${before}`,
      read,
    };
  }
}
