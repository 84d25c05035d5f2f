import { createHash } from "node:crypto";
import type { EmitterWebhookEventName } from "@octokit/webhooks";
import type { DeliveryPage } from "../adapters/delivery-store.js";
import { closedError } from "../closed-error.js";
import { GitHubSdkError } from "../errors.js";
import { redact } from "../redaction.js";
import { abortable } from "../timing/abortable.js";
import { announceAccess, type BuiltInHandlers, builtInHandlers } from "./built-in-handlers.js";
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
import type { FailedDeliveriesOptions, WebhookResult, Webhooks } from "./webhooks.js";
import { withDeadline } from "./with-deadline.js";

/** Runs the handlers of one delivery. */
type Run = (signal: AbortSignal) => Promise<void>;

// A claim outlives the handlers' time limit, so that no other process takes over while the result is being stored.
const CLAIM_MARGIN_MS = 30_000;
const MAINTENANCE_INTERVAL_MS = 60 * 60_000;
const REPEATS_DETECTED_FOR_MS = 24 * 60 * 60_000;
const RETENTION_MS = 30 * 24 * 60 * 60_000;
const REMOVED_PER_BATCH = 500;
const MAX_ERROR_LENGTH = 1_000;
// An error may contain a whole response; redacting all of it would block other requests.
const MAX_REDACTED_LENGTH = 10_000;

/** Receives GitHub's webhook deliveries: verifies them, handles each one once, and acts only on what GitHub confirms. */
export class WebhookEngine implements Webhooks {
  readonly #services: WebhookServices;
  readonly #builtIn: BuiltInHandlers;
  readonly #handlers = new WebhookHandlers();
  readonly #log: DeliveryLog | null;
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
    this.#builtIn = builtInHandlers(services);
    const { app } = services;
    this.#log = app === null ? null : new DeliveryLog(app, services, (event, action) => this.#isHandled(event, action));
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
    return this.#handlers.add(name, handler);
  }

  async failed({ limit = 50, cursor = null }: FailedDeliveriesOptions = {}): Promise<DeliveryPage> {
    if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
      throw new GitHubSdkError("validation_failed", "`limit` must be 1 to 100.");
    }
    return this.#services.deliveries.failed(limit, cursor);
  }

  async redeliver(id: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    return this.#requireLog().redeliver(validDeliveryId(id), this.#signals(signal));
  }

  async recover(options: RecoverOptions = {}): Promise<WebhookRecovery> {
    return this.#requireLog().recover(options, this.#signals(options.signal));
  }

  /** Stops maintenance and running handlers, whose deliveries count as failed. */
  async close(): Promise<void> {
    this.#closing.abort(closedError());
    await Promise.allSettled([...this.#running, this.#maintenance]);
  }

  async #handle(request: WebhookRequest): Promise<WebhookResult> {
    const body = await abortable([this.#closing.signal], () => readVerifiedBody(request, this.#services));
    const headers = readHeaders(request);
    const payload = parsePayload(body);
    const { event } = headers;
    if (!isKnownEvent(event)) return ignored(event);
    if (!fitsEvent(event, payload)) {
      throw new GitHubSdkError("delivery_refused", `The body does not match the event "${event}".`);
    }
    announceAccess(this.#services, event, payload);
    const run = this.#runOf(headers, payload);
    if (run === null) return ignored(event);
    return this.#handleOnce(headers, createHash("sha256").update(body).digest("hex"), run);
  }

  async #handleOnce({ id, event }: DeliveryHeaders, digest: string, run: Run): Promise<WebhookResult> {
    const { deliveries, clock, handlerTimeout } = this.#services;
    const draft = { id, event, digest, receivedAt: new Date(clock.now()) };
    const claimTtl = handlerTimeout + CLAIM_MARGIN_MS;
    const repeatsSince = new Date(clock.now() - REPEATS_DETECTED_FOR_MS);
    const claim = await (this.#mayRepeat(event)
      ? deliveries.claim(draft, claimTtl)
      : deliveries.claim(draft, claimTtl, repeatsSince));
    if (claim.outcome === "different_body") {
      throw new GitHubSdkError(
        "delivery_refused",
        "A delivery with this ID and a different payload was already received.",
      );
    }
    if (claim.outcome === "repeated") {
      return { handled: false, message: "A delivery with the same payload and a different ID was already received." };
    }
    if (claim.outcome === "duplicate") return { handled: true, message: "This delivery was already handled." };
    if (claim.outcome === "in_progress") return { handled: false, message: "This delivery is already being handled." };
    await this.#runClaimed({ id, event }, claim.attempt, run);
    if (!(await deliveries.complete(id, claim.attempt))) {
      this.#services.logger.warn("A delivery was claimed by another process while it was handled.", {
        delivery: id,
        event,
      });
    }
    return { handled: true, message: `Handled ${event}.` };
  }

  /** Returns `true` for pings without a handler of the host: GitHub sends equal ones, and handling them has no effect. */
  #mayRepeat(event: string): boolean {
    return event === "ping" && this.#handlers.for(event, null).length === 0;
  }

  async #runClaimed({ id, event }: DeliveryHeaders, attempt: number, run: Run): Promise<void> {
    const { clock, handlerTimeout, deliveries, logger } = this.#services;
    try {
      await withDeadline(clock, handlerTimeout, this.#closing.signal, run);
    } catch (error) {
      // Stored before it is logged, so that no logger can prevent that the delivery is repeatable at once.
      await deliveries.fail(id, attempt, errorText(error)).catch((storeError) => {
        logger.error("A delivery could not be marked as failed.", { delivery: id, event, error: storeError });
      });
      if (this.#closing.signal.aborted)
        logger.warn("A webhook handler was aborted at shutdown.", { delivery: id, event });
      else logger.error("A webhook handler failed.", { delivery: id, event, error });
      throw new GitHubSdkError(
        "webhook_handler_failed",
        "A webhook handler failed; the log contains the reason. The delivery can be redelivered.",
        { cause: error },
      );
    }
  }

  /** Returns a function that runs all handlers of a delivery; `null` when there are none. */
  #runOf({ id, event }: DeliveryHeaders, payload: WebhookPayload): Run | null {
    const action = payload.action ?? null;
    const own = this.#ownHandlers(event, action);
    const handlers = this.#handlers.for(event, action);
    if (own.length + handlers.length === 0) return null;
    return async (signal) => {
      for (const handle of own) await handle(payload, signal);
      // The payload is verified and has the shape of its event, so it is passed with the type of GitHub's payload.
      const delivered = { id, name: event, payload } as never;
      const outcomes = await Promise.allSettled(handlers.map(async (handle) => handle(delivered, { signal })));
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

/** Returns the redacted text of an error in a form that every database can store. */
function errorText(error: unknown): string {
  const text = redact(describeError(error).slice(0, MAX_REDACTED_LENGTH)).slice(0, MAX_ERROR_LENGTH);
  return text.replaceAll("\0", "\ufffd").replaceAll(/\p{Surrogate}/gu, "\ufffd");
}

/** Describes any thrown value, also one that cannot be converted to a string. */
function describeError(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  } catch {
    return "The handler failed with a value that cannot be described.";
  }
}
