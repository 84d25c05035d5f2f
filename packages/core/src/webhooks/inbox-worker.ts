import type { ClaimedDelivery } from "../adapters/delivery-store.js";
import { closedError } from "../closed-error.js";
import type { Delivery } from "../domain/delivery.js";
import { GitHubSdkError } from "../errors.js";

import { abortable } from "../timing/abortable.js";
import type { DeliveryHandlers } from "./delivery-handlers.js";
import { errorText } from "./error-text.js";
import { fromStoredBody } from "./stored-body.js";
import { parsePayload } from "./webhook-request.js";
import type { WebhookServices } from "./webhook-services.js";
import { withDeadline } from "./with-deadline.js";

// A host adds its handlers right after it created the SDK. Deliveries of an earlier process must not run before.
const START_DELAY_MS = 1_000;
const POLL_INTERVAL_MS = 5_000;
const CONCURRENCY = 4;
// A killed process's delivery is taken up within 20 seconds: the claim, and the interval of polling.
const CLAIM_TTL_MS = 15_000;
const RENEW_INTERVAL_MS = 5_000;
const HANDLER_TIMEOUT_MS = 60_000;
const CLOSE_GRACE_MS = 5_000;
const FIRST_RETRY_MS = 5_000;
const RETRY_FACTOR = 4;
const MAX_RETRY_MS = 60 * 60_000;

/**
 * Runs the handlers of stored deliveries, the one that was received first first, four at a time. Claims are leases in the store, so that any
 * number of processes can work on one store.
 */
export class InboxWorker {
  readonly #services: WebhookServices;
  readonly #handlers: DeliveryHandlers;
  /** Aborted when no more deliveries are claimed. */
  readonly #closing = new AbortController();
  /** Aborted when running handlers have to end. */
  readonly #ending = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #loop: Promise<void>;
  #waker = new AbortController();

  constructor(services: WebhookServices, handlers: DeliveryHandlers) {
    this.#services = services;
    this.#handlers = handlers;
    this.#loop = this.#work();
  }

  /** Looks for due deliveries now instead of at the next poll. */
  wake(): void {
    this.#waker.abort();
  }

  async close(): Promise<void> {
    this.#closing.abort(closedError());
    await this.#loop;
    const finished = new AbortController();
    const ended = Promise.all(this.#running).finally(() => finished.abort());
    if (this.#running.size > 0)
      await this.#services.clock.sleep(CLOSE_GRACE_MS, finished.signal).catch(() => undefined);
    this.#ending.abort(closedError());
    await ended;
  }

  async #work(): Promise<void> {
    const { clock, logger } = this.#services;
    const { signal } = this.#closing;
    await clock.idle(START_DELAY_MS, signal).catch(() => undefined);
    while (!signal.aborted) {
      this.#waker = new AbortController();
      try {
        await this.#fill();
      } catch (error) {
        logger.warn("Stored webhook deliveries could not be read. They are read again.", { error });
      }
      // A wake-up during the reads ends this wait at once.
      const pause = abortable([signal, this.#waker.signal], (ended) => clock.idle(POLL_INTERVAL_MS, ended));
      await pause.catch(() => undefined);
    }
  }

  async #fill(): Promise<void> {
    while (this.#running.size < CONCURRENCY && !this.#closing.signal.aborted) {
      const claimed = await this.#services.deliveries.claimNext(CLAIM_TTL_MS);
      if (claimed === null) return;
      const running = this.#handle(claimed).finally(() => {
        this.#running.delete(running);
        this.wake();
      });
      this.#running.add(running);
    }
  }

  /** Runs the handlers of a claimed delivery and stores the outcome. Never rejects. */
  async #handle({ delivery, body }: ClaimedDelivery): Promise<void> {
    const { id, event, attempt } = delivery;
    const { deliveries, logger } = this.#services;
    try {
      const isEnded = await this.#attempt(delivery, body).then(
        () => deliveries.complete(id, attempt),
        (error) => this.#afterFailure(delivery, error),
      );
      if (isEnded) return;
      logger.warn("A delivery was claimed by another process while it was handled.", { delivery: id, event });
    } catch (error) {
      // The claim expires, and the delivery is handled again.
      logger.error("The outcome of a webhook delivery could not be stored.", { delivery: id, event, error });
    }
  }

  async #attempt({ id, event, attempt, attemptLimit }: Delivery, body: Uint8Array): Promise<void> {
    if (attempt > attemptLimit) {
      throw new GitHubSdkError("webhook_handler_failed", "The process ended during each attempt to run the handlers.");
    }
    const run = this.#handlers.of({ id, event }, parsePayload(await fromStoredBody(body)));
    if (run === null) return;
    const lost = new AbortController();
    const done = new AbortController();
    void this.#keepClaim(id, attempt, lost, done.signal);
    try {
      const signals = [this.#ending.signal, lost.signal];
      await abortable(signals, (signal) => withDeadline(this.#services.clock, HANDLER_TIMEOUT_MS, signal, run));
    } finally {
      done.abort();
    }
  }

  /** Renews a claim until `done`. Aborts `lost` when another process may have taken the delivery. */
  async #keepClaim(id: string, attempt: number, lost: AbortController, done: AbortSignal): Promise<void> {
    const { clock, deliveries } = this.#services;
    let expiresAt = clock.now() + CLAIM_TTL_MS;
    for (;;) {
      await clock.idle(RENEW_INTERVAL_MS, done).catch(() => undefined);
      if (done.aborted) return;
      const renewedAt = clock.now();
      const isRenewed = await deliveries.renew(id, attempt, CLAIM_TTL_MS).catch(() => null);
      if (isRenewed === true) expiresAt = renewedAt + CLAIM_TTL_MS;
      // While the store is unavailable, the claim lasts until it expires.
      if (isRenewed === false || clock.now() >= expiresAt) {
        lost.abort(new GitHubSdkError("lease_lost", "The claim on the delivery expired while its handlers ran."));
        return;
      }
    }
  }

  async #afterFailure({ id, event, attempt, attemptLimit }: Delivery, error: unknown): Promise<boolean> {
    const { deliveries, logger } = this.#services;
    const fields = { delivery: id, event, attempt };
    if (this.#ending.signal.aborted) {
      const isReleased = await deliveries.release(id, attempt);
      logger.warn("A webhook handler was aborted at shutdown. It runs again after the next start.", fields);
      return isReleased;
    }
    // Stored before it is logged, so that no logger can prevent it.
    if (attempt >= attemptLimit) {
      const isFailed = await deliveries.fail(id, attempt, errorText(error));
      logger.error("A webhook handler failed at its last attempt.", { ...fields, error });
      return isFailed;
    }
    const retryInMs = retryDelay(attempt);
    const isRetried = await deliveries.retry(id, attempt, errorText(error), retryInMs);
    logger.warn("A webhook handler failed. It runs again.", { ...fields, retryInMs, error });
    return isRetried;
  }
}

/** Returns the pause after an attempt, in milliseconds: 5 s, 20 s, 80 s and so on, at most an hour. */
function retryDelay(attempt: number): number {
  return Math.min(FIRST_RETRY_MS * RETRY_FACTOR ** (attempt - 1), MAX_RETRY_MS);
}
