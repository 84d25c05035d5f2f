import type { EmitterWebhookEventName } from "@octokit/webhooks";
import type { DeliveryPage } from "../adapters/delivery-store.js";
import type { RecoverOptions, WebhookRecovery } from "./delivery-log.js";
import type { WebhookHandler } from "./webhook-handlers.js";
import type { WebhookRequest } from "./webhook-request.js";

/** The result of a delivery. */
export interface WebhookResult {
  /** `true` when the delivery was handled, now or earlier. */
  readonly handled: boolean;
  readonly message: string;
  /** The error of a delivery that was accepted nevertheless. */
  readonly error?: string;
}

/** The options of {@link Webhooks.failed}. */
export interface FailedDeliveriesOptions {
  /** 1 to 100. Defaults to 50. */
  readonly limit?: number;
  /** The `nextCursor` of the previous page. Defaults to the first page. */
  readonly cursor?: string | null;
}

/** GitHub's webhook deliveries. Each one is verified and handled once; the SDK acts only on what GitHub confirms. */
export interface Webhooks {
  /**
   * Handles one delivery: verifies it, claims it, and runs its handlers. A delivery that was already handled is not handled
   * again; a delivery whose handler failed can be redelivered.
   *
   * @throws GitHubSdkError `invalid_signature`, `delivery_refused`, `payload_too_large`, `validation_failed`,
   * `webhook_handler_failed`, and the store's errors
   * @see https://docs.github.com/en/webhooks/using-webhooks/handling-webhook-deliveries
   */
  handle(request: WebhookRequest): Promise<WebhookResult>;
  /**
   * Adds a handler for every delivery of an event (`push`) or of one action (`issues.opened`). It runs after the SDK's own
   * handlers. Every handler runs at least once: when one fails, or all together exceed the time limit, the delivery counts as
   * failed, and all of them run again when it is redelivered.
   *
   * A delivery is only a hint: its body is signed, but a captured body can be replayed. Read the current state from GitHub
   * before you do anything that must not happen twice.
   *
   * @returns a function that removes the handler
   * @throws GitHubSdkError `validation_failed` for an unknown event
   */
  on<Name extends EmitterWebhookEventName>(name: Name, handler: WebhookHandler<Name>): () => void;
  /**
   * Returns deliveries whose handlers failed or were interrupted, oldest first.
   *
   * @throws GitHubSdkError `validation_failed`
   */
  failed(options?: FailedDeliveriesOptions): Promise<DeliveryPage>;
  /**
   * Asks GitHub to redeliver a delivery, since its body is not stored here.
   *
   * @param id the delivery's ID, as GitHub sent it in `X-GitHub-Delivery`
   * @throws GitHubSdkError `delivery_not_found` when GitHub no longer has it; `capability_not_configured` without a GitHub App
   */
  redeliver(id: string, options?: { readonly signal?: AbortSignal }): Promise<void>;
  /**
   * Reads GitHub's delivery log, and asks GitHub to redeliver deliveries that never arrived or whose handlers failed. GitHub
   * does not retry by itself: call this after an outage, or periodically.
   *
   * @throws GitHubSdkError `capability_not_configured` without a GitHub App, and the errors of GitHub requests
   */
  recover(options?: RecoverOptions): Promise<WebhookRecovery>;
}
