import type { DeliveryReceipt } from "../adapters/delivery-store.js";
import { GitHubSdkError } from "../errors.js";

import type { DeliveryHandlers } from "./delivery-handlers.js";
import { InboxWorker } from "./inbox-worker.js";
import { differentBody, receivedDelivery, repeatsSince } from "./received-delivery.js";
import { toStoredBody } from "./stored-body.js";
import type { DeliveryHeaders } from "./webhook-request.js";
import type { WebhookServices } from "./webhook-services.js";
import type { WebhookResult } from "./webhooks.js";

/** The attempts of one delivery before it counts as failed. */
const ATTEMPTS = 8;
const MAX_WAITING = 10_000;
const MAX_WAITING_BYTES = 256 * 1024 * 1024;
// Counting the waiting deliveries at each receipt would slow down exactly the moments in which many arrive.
const SUMMARY_MAX_AGE_MS = 1_000;

/** The waiting deliveries at a time, with those that were received since. */
interface Counted {
  readonly at: number;
  waiting: number;
  waitingBytes: number;
}

/**
 * Stores verified deliveries with their bodies, so that they are answered at once, and runs their handlers from the store. The
 * limits on waiting deliveries are checked against a count that is at most a second old.
 */
export class Inbox {
  readonly #services: WebhookServices;
  readonly #handlers: DeliveryHandlers;
  readonly #worker: InboxWorker;
  #counted: Counted | null = null;

  /** Starts to run the handlers of stored deliveries. */
  constructor(services: WebhookServices, handlers: DeliveryHandlers) {
    this.#services = services;
    this.#handlers = handlers;
    this.#worker = new InboxWorker(services, handlers);
  }

  /** Stores a delivery. @throws GitHubSdkError `webhook_inbox_full`, `delivery_refused` */
  async receive(headers: DeliveryHeaders, body: Uint8Array): Promise<WebhookResult> {
    const { deliveries, clock } = this.#services;
    const draft = receivedDelivery(headers, body, clock);
    const stored = await toStoredBody(body);
    await this.#requireSpace(stored.length);
    const limits = this.#handlers.mayRepeat(draft.event) ? {} : { repeatsSince: repeatsSince(draft) };
    const receipt = await deliveries.enqueue(draft, stored, { attempts: ATTEMPTS, ...limits });
    if (receipt === "stored") this.#worker.wake();
    return resultOf(receipt);
  }

  /** Runs the handlers of a failed delivery again. Returns false when the delivery has not failed or its body is not stored. */
  async replay(id: string): Promise<boolean> {
    const isReplayed = await this.#services.deliveries.replay(id, ATTEMPTS);
    if (isReplayed) this.#worker.wake();
    return isReplayed;
  }

  /** Lets running handlers finish for some seconds, then aborts them and releases their deliveries. */
  close(): Promise<void> {
    return this.#worker.close();
  }

  async #requireSpace(bytes: number): Promise<void> {
    const counted = await this.#count();
    if (counted.waiting >= MAX_WAITING || counted.waitingBytes + bytes > MAX_WAITING_BYTES) {
      throw new GitHubSdkError(
        "webhook_inbox_full",
        "Too many webhook deliveries wait for their handlers. The delivery is requested again from GitHub later.",
      );
    }
    counted.waiting += 1;
    counted.waitingBytes += bytes;
  }

  async #count(): Promise<Counted> {
    const { clock, deliveries } = this.#services;
    if (this.#counted === null || clock.now() - this.#counted.at >= SUMMARY_MAX_AGE_MS) {
      const { waiting, waitingBytes } = await deliveries.summary();
      this.#counted = { at: clock.now(), waiting, waitingBytes };
    }
    return this.#counted;
  }
}

function resultOf(receipt: DeliveryReceipt): WebhookResult {
  switch (receipt) {
    case "stored":
      return { handled: true, queued: true, message: "The delivery is stored. Its handlers run next." };
    case "waiting":
      return { handled: true, queued: true, message: "The delivery is already stored. Its handlers run next." };
    case "repeat_waiting":
      return {
        ...{ handled: false, queued: true },
        message: "A delivery with the same payload and a different ID is already stored. Its handlers run next.",
      };
    case "duplicate":
      return { handled: false, message: "This delivery was already handled." };
    case "repeated":
      return { handled: false, message: "A delivery with the same payload and a different ID was already handled." };
    case "different_body":
      throw differentBody();
  }
}
