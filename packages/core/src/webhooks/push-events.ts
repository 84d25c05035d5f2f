import * as z from "zod";
import { readUntilConsistent } from "./read-until-consistent.js";
import { readRepository } from "./repository-reading.js";
import type { WebhookPayload } from "./webhook-request.js";
import type { WebhookApp, WebhookServices } from "./webhook-services.js";

const pushSchema = z.object({
  ref: z.string(),
  after: z.string(),
  deleted: z.boolean().default(false),
  repository: z.object({ id: z.int(), node_id: z.string() }),
  // Deliveries of a repository webhook have no installation.
  installation: z.object({ id: z.int() }).nullish(),
});

const BRANCHES = "refs/heads/";

/** Handles pushes: reads the branch from GitHub, starts the syncs of its links, and emits `push.received` unless the SDK made the commit. */
export class PushEvents {
  readonly #services: WebhookServices;
  readonly #app: WebhookApp;

  constructor(services: WebhookServices, app: WebhookApp) {
    this.#services = services;
    this.#app = app;
  }

  /** Handles a `push` event. @see https://docs.github.com/en/webhooks/webhook-events-and-payloads#push */
  async push(payload: WebhookPayload, signal: AbortSignal): Promise<void> {
    const { ref, after, deleted, repository, installation } = pushSchema.parse(payload);
    if (!ref.startsWith(BRANCHES) || installation === undefined || installation === null) return;
    const query = { installationId: installation.id, nodeId: repository.node_id, ref, signal };
    const expected = deleted ? null : after;
    const read = await readUntilConsistent(
      () => readRepository(this.#services, this.#app, query),
      (result) => typeof result === "string" || (result.head?.commitId ?? null) === expected,
      this.#services.clock,
      signal,
    );
    if (typeof read === "string" || read.id !== repository.id) return;
    const branch = ref.slice(BRANCHES.length);
    const place = { repositoryId: read.id, repository: read.fullName, branch };
    const head = read.head?.commitId ?? null;
    const origin = read.head === null ? null : await this.#services.originOf({ ...place, ...read.head });
    await this.#services.branchMoved({ ...place, head, origin });
    if (origin === null) this.#services.bus.emit("push.received", { ...place, installationId: installation.id, head });
  }
}
