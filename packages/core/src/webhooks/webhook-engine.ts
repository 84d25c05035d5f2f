import { createHash } from "node:crypto";
import type { EmitterWebhookEventName } from "@octokit/webhooks";
import type { DeliveryPage } from "../adapters/delivery-store.js";
import { GitHubSdkError } from "../errors.js";
import { redact } from "../logger.js";
import { abortable } from "../timing/abortable.js";
import { type BuiltInHandlers, builtInHandlers } from "./built-in-handlers.js";
import { DeliveryLog, type RecoverOptions, type WebhookRecovery } from "./delivery-log.js";
import { fitsEvent, isKnownEvent } from "./event-shapes.js";
import { readVerifiedBody } from "./verified-body.js";
import { type WebhookHandler, WebhookHandlers } from "./webhook-handlers.js";
import {
  type DeliveryHeaders,
  parsePayload,
  readHeaders,
  validDeliveryId,
  type WebhookPayload,
  type WebhookRequest,
} from "./webhook-request.js";
import type { WebhookServices } from "./webhook-services.js";
import { withDeadline } from "./with-deadline.js";

/** What became of a delivery. */
export interface WebhookAnswer {
  /** Whether it was handled, now or before. */
  readonly handled: boolean;
  readonly message: string;
  /** What went wrong, where the delivery was taken all the same. */
  readonly error?: string;
}

/** Runs what there is to run for one delivery. */
type Run = (signal: AbortSignal) => Promise<void>;

// A claim outlives the handlers, so that nobody takes over while its end is being stored.
const CLAIM_MARGIN = 30_000;
const UPKEEP_INTERVAL = 60 * 60_000;
const KEPT_FOR = 30 * 24 * 60 * 60_000;
const REMOVED_AT_ONCE = 500;
const MOST_ERROR_TEXT = 1_000;

/** Takes GitHub's webhook deliveries: whoever sends them, each is handled once, and believed only as far as GitHub confirms it. */
export class WebhookEngine {
  readonly #services: WebhookServices;
  readonly #builtIn: BuiltInHandlers;
  readonly #handlers = new WebhookHandlers();
  readonly #log: DeliveryLog | null;
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  readonly #upkeep: Promise<void>;

  /** @throws GitHubSdkError `invalid_options` for a secret that is empty */
  constructor(services: WebhookServices) {
    if (services.secrets.some((secret) => secret.reveal() === "")) {
      throw new GitHubSdkError("invalid_options", "A webhook secret is empty: anybody could sign with it.");
    }
    this.#services = services;
    this.#builtIn = builtInHandlers(services);
    const { app } = services;
    this.#log = app === null ? null : new DeliveryLog(app, services, (event, action) => this.#isHandled(event, action));
    this.#upkeep = this.#runMaintenance();
  }

  /**
   * Takes one delivery: verifies it, claims it, and runs its handlers. A delivery that was handled before is not handled
   * again; one whose handler fails can be delivered again.
   *
   * @throws GitHubSdkError `invalid_signature`, `delivery_refused`, `payload_too_large`, `validation_failed`,
   * `webhook_handler_failed`, and what the store throws
   * @see https://docs.github.com/en/webhooks/using-webhooks/handling-webhook-deliveries
   */
  async handle(request: WebhookRequest): Promise<WebhookAnswer> {
    const taken = this.#take(request);
    this.#running.add(taken);
    try {
      return await taken;
    } finally {
      this.#running.delete(taken);
    }
  }

  /**
   * Calls the handler for every delivery of an event (`push`) or of one action (`issues.opened`) from now on, after what the SDK
   * does itself; gives back what ends it. Every handler runs at least once: when one fails, or all together take longer than
   * GitHub waits, the delivery counts as failed, and all of them run again when it is delivered again.
   *
   * A delivery is a hint. Bodies are signed, so they were true once; a body that somebody captured can be sent again. Ask GitHub
   * before anything that must not happen twice.
   *
   * @throws GitHubSdkError `validation_failed` for an event that there is not
   */
  on<Name extends EmitterWebhookEventName>(name: Name, handler: WebhookHandler<Name>): () => void {
    return this.#handlers.add(name, handler);
  }

  /**
   * Deliveries whose handlers failed or never ended, those first received first.
   *
   * @param limit 1 to 100; 50 unless told
   * @throws GitHubSdkError `validation_failed`
   */
  async failed({
    limit = 50,
    cursor = null,
  }: {
    readonly limit?: number;
    readonly cursor?: string | null;
  } = {}): Promise<DeliveryPage> {
    if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
      throw new GitHubSdkError("validation_failed", "limit goes from 1 to 100.");
    }
    return this.#services.deliveries.failed(limit, cursor);
  }

  /**
   * Asks GitHub to deliver a delivery again: its body is not kept here.
   *
   * @param id the delivery's id, as GitHub sent it in `X-GitHub-Delivery`
   * @throws GitHubSdkError `delivery_not_found` for what GitHub no longer has; `capability_not_configured` without a GitHub App
   */
  async redeliver(id: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    return this.#requireLog().redeliver(validDeliveryId(id), this.#signals(signal));
  }

  /**
   * Reads GitHub's log of deliveries, and asks it to deliver again what never arrived or failed here. GitHub repeats nothing by
   * itself: call this after an outage, or from time to time.
   *
   * @throws GitHubSdkError `capability_not_configured` without a GitHub App, and what requests to GitHub throw
   */
  async recover(options: RecoverOptions = {}): Promise<WebhookRecovery> {
    return this.#requireLog().recover(options, this.#signals(options.signal));
  }

  /** Ends handlers that are running, as failed, and upkeep. */
  async close(): Promise<void> {
    this.#closing.abort(new GitHubSdkError("cancelled", "The SDK was closed while a delivery was being handled."));
    await Promise.allSettled([...this.#running, this.#upkeep]);
  }

  async #take(request: WebhookRequest): Promise<WebhookAnswer> {
    const body = await abortable([this.#closing.signal], () => readVerifiedBody(request, this.#services));
    const headers = readHeaders(request);
    const payload = parsePayload(body);
    const { event } = headers;
    if (!isKnownEvent(event)) return ignored(event);
    if (!fitsEvent(event, payload)) {
      throw new GitHubSdkError("delivery_refused", `The body is not that of the event "${event}".`);
    }
    const run = this.#runOf(headers, payload);
    if (run === null) return ignored(event);
    return this.#handleOnce(headers, createHash("sha256").update(body).digest("hex"), run);
  }

  async #handleOnce({ id, event }: DeliveryHeaders, digest: string, run: Run): Promise<WebhookAnswer> {
    const { deliveries, clock, handlerTimeout } = this.#services;
    const draft = { id, event, digest, receivedAt: new Date(clock.now()) };
    const claim = await deliveries.claim(draft, handlerTimeout + CLAIM_MARGIN);
    if (claim.outcome === "different_body") {
      throw new GitHubSdkError("delivery_refused", "Another body came under this delivery's id before.");
    }
    if (claim.outcome === "duplicate") return { handled: true, message: "This delivery was handled before." };
    if (claim.outcome === "in_progress") return { handled: false, message: "This delivery is being handled." };
    await this.#runClaimed({ id, event }, claim.attempt, run);
    if (!(await deliveries.complete(id, claim.attempt))) {
      this.#services.logger.warn("A delivery was taken over while it was handled.", { delivery: id, event });
    }
    return { handled: true, message: `Handled ${event}.` };
  }

  async #runClaimed({ id, event }: DeliveryHeaders, attempt: number, run: Run): Promise<void> {
    const { clock, handlerTimeout, deliveries, logger } = this.#services;
    try {
      await withDeadline(clock, handlerTimeout, this.#closing.signal, run);
    } catch (error) {
      if (this.#closing.signal.aborted)
        logger.warn("A webhook handler was cut off at shutdown.", { delivery: id, event });
      else logger.error("A webhook handler failed.", { delivery: id, event, error });
      await deliveries.fail(id, attempt, errorText(error)).catch((storeError) => {
        logger.error("A failed delivery could not be stored as such.", { delivery: id, event, error: storeError });
      });
      throw new GitHubSdkError(
        "webhook_handler_failed",
        "The delivery was not handled; the log has the reason. It can be delivered again.",
        { cause: error },
      );
    }
  }

  /** `null` when there is nothing to run. */
  #runOf({ id, event }: DeliveryHeaders, payload: WebhookPayload): Run | null {
    const action = payload.action ?? null;
    const own = this.#ownHandlers(event, action);
    const handlers = this.#handlers.for(event, action);
    if (own.length + handlers.length === 0) return null;
    return async (signal) => {
      for (const handle of own) await handle(payload, signal);
      // Verified, and of the shape of its event: what the types of GitHub's payloads say about it is believed.
      const given = { id, name: event, payload } as never;
      const outcomes = await Promise.allSettled(handlers.map(async (handle) => handle(given, { signal })));
      const errors = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
      if (errors.length === 1) throw errors[0];
      if (errors.length > 1) throw new AggregateError(errors, errors.map(errorText).join("; "));
    };
  }

  #ownHandlers(event: string, action: string | null) {
    return [this.#builtIn.get(event), this.#builtIn.get(`${event}.${action}`)].filter((own) => own !== undefined);
  }

  #isHandled(event: string, action: string | null): boolean {
    return this.#ownHandlers(event, action).length + this.#handlers.for(event, action).length > 0;
  }

  #requireLog(): DeliveryLog {
    if (this.#log !== null) return this.#log;
    throw new GitHubSdkError(
      "capability_not_configured",
      "GitHub's log of deliveries needs a GitHub App. Configure `app`.",
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
        if (!signal.aborted) logger.warn("Old webhook deliveries could not be removed.", { error });
      }
      await clock.idle(UPKEEP_INTERVAL, signal).catch(() => undefined);
    }
  }

  async #removeOld(): Promise<void> {
    const before = new Date(this.#services.clock.now() - KEPT_FOR);
    let removed = REMOVED_AT_ONCE;
    while (removed === REMOVED_AT_ONCE && !this.#closing.signal.aborted) {
      removed = await this.#services.deliveries.removeReceivedBefore(before, REMOVED_AT_ONCE);
    }
  }
}

function ignored(event: string): WebhookAnswer {
  return { handled: false, message: `Nothing here handles ${event}.` };
}

/** What a failed delivery is remembered with. */
function errorText(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return redact(text).slice(0, MOST_ERROR_TEXT);
}
