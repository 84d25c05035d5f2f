import { GitHubSdkError } from "../errors.js";
import type { DeliveryHandlers, Run } from "./delivery-handlers.js";
import { errorText } from "./error-text.js";
import { differentBody, receivedDelivery, repeatsSince } from "./received-delivery.js";
import type { DeliveryHeaders } from "./webhook-request.js";
import type { WebhookServices } from "./webhook-services.js";
import type { WebhookResult } from "./webhooks.js";
import { withDeadline } from "./with-deadline.js";

// A claim outlives the handlers' time limit, so that no other process takes over while the result is being stored.
const CLAIM_MARGIN_MS = 30_000;

/** Handles deliveries before they are answered, without storing their bodies. */
export class InlineHandling {
  readonly #services: WebhookServices;
  readonly #handlers: DeliveryHandlers;
  readonly #closing: AbortSignal;

  constructor(services: WebhookServices, handlers: DeliveryHandlers, closing: AbortSignal) {
    this.#services = services;
    this.#handlers = handlers;
    this.#closing = closing;
  }

  /** Claims a delivery and runs its handlers. @throws GitHubSdkError `webhook_handler_failed`, `delivery_refused` */
  async receive(headers: DeliveryHeaders, body: Uint8Array, run: Run): Promise<WebhookResult> {
    const { deliveries, clock, handlerTimeout, logger } = this.#services;
    const { id, event } = headers;
    const draft = receivedDelivery(headers, body, clock);
    const claimTtl = handlerTimeout + CLAIM_MARGIN_MS;
    const claim = await (this.#handlers.mayRepeat(event)
      ? deliveries.claim(draft, claimTtl)
      : deliveries.claim(draft, claimTtl, repeatsSince(draft)));
    if (claim.outcome === "different_body") throw differentBody();
    if (claim.outcome === "repeated") {
      return { handled: false, message: "A delivery with the same payload and a different ID was already received." };
    }
    if (claim.outcome === "duplicate") return { handled: true, message: "This delivery was already handled." };
    if (claim.outcome === "in_progress") return { handled: false, message: "This delivery is already being handled." };
    await this.#runClaimed(headers, claim.attempt, run);
    if (!(await deliveries.complete(id, claim.attempt))) {
      logger.warn("A delivery was claimed by another process while it was handled.", { delivery: id, event });
    }
    return { handled: true, message: `Handled ${event}.` };
  }

  async #runClaimed({ id, event }: DeliveryHeaders, attempt: number, run: Run): Promise<void> {
    const { clock, handlerTimeout, deliveries, logger } = this.#services;
    try {
      await withDeadline(clock, handlerTimeout, this.#closing, run);
    } catch (error) {
      // Stored before it is logged, so that no logger can prevent that the delivery is repeatable at once.
      await deliveries.fail(id, attempt, errorText(error)).catch((storeError) => {
        logger.error("A delivery could not be marked as failed.", { delivery: id, event, error: storeError });
      });
      if (this.#closing.aborted) logger.warn("A webhook handler was aborted at shutdown.", { delivery: id, event });
      else logger.error("A webhook handler failed.", { delivery: id, event, error });
      throw new GitHubSdkError(
        "webhook_handler_failed",
        "A webhook handler failed; the log contains the reason. The delivery can be redelivered.",
        { cause: error },
      );
    }
  }
}
