import type { EmitterWebhookEventName } from "@octokit/webhooks";
import type { DeliveryPage } from "../adapters/delivery-store.js";
import { closedError } from "../closed-error.js";
import { GitHubSdkError } from "../errors.js";
import { abortable } from "../timing/abortable.js";
import { BranchHeads } from "./branch-heads.js";
import { announceAccess, builtInHandlers } from "./built-in-handlers.js";
import { DeliveryHandlers } from "./delivery-handlers.js";
import { DeliveryLog, type LogRecovery, type RecoverOptions, type WebhookRecovery } from "./delivery-log.js";
import { fitsEvent, isKnownEvent } from "./event-shapes.js";
import { Inbox } from "./inbox.js";
import { InlineHandling } from "./inline-handling.js";
import { receivedDelivery } from "./received-delivery.js";
import { Sweep } from "./sweep.js";
import { readVerifiedBody } from "./verified-body.js";
import { type WebhookHandler, WebhookHandlers } from "./webhook-handlers.js";
import { parsePayload, readHeaders, validDeliveryId, type WebhookRequest } from "./webhook-request.js";
import type { WebhookServices } from "./webhook-services.js";
import type { FailedDeliveriesOptions, WebhookHealth, WebhookResult, Webhooks } from "./webhooks.js";

const MAINTENANCE_INTERVAL_MS = 60 * 60_000;
const RETENTION_MS = 30 * 24 * 60 * 60_000;
const REMOVED_PER_BATCH = 500;
/** The recovery of a host without a GitHub App. */
const NO_LOG: LogRecovery = { examined: 0, redelivered: 0, refused: 0, hasMore: false };

/** Receives GitHub's webhook deliveries: verifies them, handles each one once, and acts only on what GitHub confirms. */
export class WebhookEngine implements Webhooks {
  readonly #services: WebhookServices;
  readonly #hostHandlers = new WebhookHandlers();
  readonly #handlers: DeliveryHandlers;
  /** `null` when deliveries are stored and answered before their handlers run. */
  readonly #inline: InlineHandling | null;
  // Also with `inline`: deliveries that were stored before still have to be handled.
  readonly #inbox: Inbox;
  readonly #log: DeliveryLog | null;
  readonly #heads: BranchHeads;
  readonly #sweep: Sweep | null;
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  readonly #maintenance: Promise<void>;

  /** Starts maintenance. @throws GitHubSdkError `invalid_options` for an empty secret */
  constructor(services: WebhookServices) {
    if (services.secrets.some((secret) => secret.reveal() === "")) {
      throw new GitHubSdkError(
        "invalid_options",
        "A webhook secret is empty, so that anyone could sign deliveries. Set a random secret.",
      );
    }
    this.#services = services;
    this.#handlers = new DeliveryHandlers(builtInHandlers(services), this.#hostHandlers);
    this.#inline = services.inline ? new InlineHandling(services, this.#handlers, this.#closing.signal) : null;
    this.#inbox = new Inbox(services, this.#handlers);
    const { app } = services;
    this.#log = app === null ? null : new DeliveryLog(app, services, this.#handlers);
    this.#heads = new BranchHeads(services);
    const recover = (since: Date | null, signal: AbortSignal) => this.#recover(since, signal);
    this.#sweep = !services.sweep ? null : new Sweep(services, recover, this.#closing.signal);
    this.#maintenance = this.#runMaintenance();
  }

  async handle(request: WebhookRequest): Promise<WebhookResult> {
    const handling = this.#handle(request);
    this.#running.add(handling);
    try {
      return await handling;
    } finally {
      this.#running.delete(handling);
    }
  }

  on<Name extends EmitterWebhookEventName>(name: Name, handler: WebhookHandler<Name>): () => void {
    return this.#hostHandlers.add(name, handler);
  }

  async failed({ limit = 50, cursor = null }: FailedDeliveriesOptions = {}): Promise<DeliveryPage> {
    if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
      throw new GitHubSdkError("validation_failed", "`limit` must be 1 to 100.");
    }
    return this.#services.deliveries.failed(limit, cursor);
  }

  async replay(id: string): Promise<void> {
    const delivery = await this.#services.deliveries.find(validDeliveryId(id));
    if (delivery === null) throw new GitHubSdkError("delivery_not_found", "The delivery is not known here.");
    if (delivery.status === "pending" || (await this.#inbox.replay(id))) return;
    throw new GitHubSdkError(
      "delivery_not_replayable",
      delivery.status === "failed"
        ? "The delivery's body is not stored here. Use `redeliver` to request it from GitHub."
        : `Only failed deliveries can be replayed; this one is ${delivery.status}.`,
    );
  }

  async health(): Promise<WebhookHealth> {
    const { waiting, failed, oldestWaitingAt, lastReceivedAt } = await this.#services.deliveries.summary();
    return { waiting, failed, oldestWaitingAt, lastReceivedAt, lastSweepAt: this.#sweep?.last ?? null };
  }

  async redeliver(id: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    return this.#requireLog().redeliver(validDeliveryId(id), this.#signals(signal));
  }

  async recover({ since, signal }: RecoverOptions = {}): Promise<WebhookRecovery> {
    this.#requireLog();
    return this.#recover(since ?? null, this.#signals(signal));
  }

  /**
   * Stops maintenance and running handlers. Handlers of stored deliveries may finish for some seconds, and run again after the
   * next start when they did not. With `inline`, the deliveries of running handlers count as failed.
   */
  async close(): Promise<void> {
    this.#closing.abort(closedError());
    await Promise.allSettled([...this.#running, this.#maintenance, this.#inbox.close(), this.#sweep?.ended()]);
  }

  async #handle(request: WebhookRequest): Promise<WebhookResult> {
    const body = await abortable([this.#closing.signal], () => readVerifiedBody(request, this.#services));
    const headers = readHeaders(request);
    const payload = parsePayload(body);
    const { event } = headers;
    const { deliveries, clock } = this.#services;
    if (!isKnownEvent(event)) return ignored(event);
    if (!fitsEvent(event, payload)) {
      throw new GitHubSdkError("delivery_refused", `The body does not match the event "${event}".`);
    }
    announceAccess(this.#services, event, payload);
    const run = this.#handlers.of(headers, payload);
    if (run === null) {
      await deliveries.skip(receivedDelivery(headers, body, clock));
      return ignored(event);
    }
    return this.#inline === null ? this.#inbox.receive(headers, body) : this.#inline.receive(headers, body, run);
  }

  async #recover(since: Date | null, signal: AbortSignal): Promise<WebhookRecovery> {
    const recovery = (await this.#log?.recover(since, signal)) ?? NO_LOG;
    return { ...recovery, movedBranches: await this.#heads.compare(signal) };
  }

  #requireLog(): DeliveryLog {
    if (this.#log !== null) return this.#log;
    throw new GitHubSdkError(
      "capability_not_configured",
      "GitHub's delivery log requires a GitHub App. Configure `app`.",
    );
  }

  #signals(signal: AbortSignal | undefined): AbortSignal {
    return AbortSignal.any([this.#closing.signal, ...(signal === undefined ? [] : [signal])]);
  }

  async #runMaintenance(): Promise<void> {
    const { signal } = this.#closing;
    const { clock, logger } = this.#services;
    while (!signal.aborted) {
      try {
        await this.#removeOld();
      } catch (error) {
        if (!signal.aborted) logger.warn("Old webhook deliveries could not be deleted.", { error });
      }
      await clock.idle(MAINTENANCE_INTERVAL_MS, signal).catch(() => undefined);
    }
  }

  async #removeOld(): Promise<void> {
    const before = new Date(this.#services.clock.now() - RETENTION_MS);
    let removed = REMOVED_PER_BATCH;
    while (removed === REMOVED_PER_BATCH && !this.#closing.signal.aborted) {
      removed = await this.#services.deliveries.removeReceivedBefore(before, REMOVED_PER_BATCH);
    }
  }
}

function ignored(event: string): WebhookResult {
  return { handled: false, message: `No handler is registered for ${event}.` };
}
