import { z } from "zod";
import { settledReading } from "./read-until-consistent.js";
import { readRepository } from "./repository-reading.js";
import type { WebhookPayload } from "./webhook-request.js";
import type { WebhookApp, WebhookServices } from "./webhook-services.js";

const pushSchema = z.object({
  ref: z.string(),
  after: z.string(),
  deleted: z.boolean().default(false),
  repository: z.object({ id: z.int(), node_id: z.string() }),
  // Webhooks of a repository have none.
  installation: z.object({ id: z.int() }).nullish(),
});

const BRANCHES = "refs/heads/";

/** What the SDK does when somebody pushed: it looks at the branch, and tells of it unless the commit is its own. */
export class PushEvents {
  readonly #services: WebhookServices;
  readonly #app: WebhookApp;

  constructor(services: WebhookServices, app: WebhookApp) {
    this.#services = services;
    this.#app = app;
  }

  /** @see https://docs.github.com/en/webhooks/webhook-events-and-payloads#push */
  async push(payload: WebhookPayload, signal: AbortSignal): Promise<void> {
    const { ref, after, deleted, repository, installation } = pushSchema.parse(payload);
    if (!ref.startsWith(BRANCHES) || installation === undefined || installation === null) return;
    const question = { installationId: installation.id, nodeId: repository.node_id, ref, signal };
    const wanted = deleted ? null : after;
    const read = await settledReading(
      () => readRepository(this.#services, this.#app, question),
      (answer) => typeof answer === "string" || (answer.head?.commitId ?? null) === wanted,
      this.#services.clock,
      signal,
    );
    if (typeof read === "string" || read.id !== repository.id) return;
    const branch = ref.slice(BRANCHES.length);
    const place = { repositoryId: read.id, repository: read.fullName, branch };
    if (read.head !== null && (await this.#services.isOwnCommit({ ...place, ...read.head }))) return;
    this.#services.bus.emit("push.received", {
      ...place,
      installationId: installation.id,
      head: read.head?.commitId ?? null,
    });
  }
}
