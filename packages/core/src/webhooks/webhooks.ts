import type { EmitterWebhookEventName } from "@octokit/webhooks";
import type { DeliveryPage } from "../adapters/delivery-store.js";
import type { RecoverOptions, WebhookRecovery } from "./delivery-log.js";
import type { WebhookHandler } from "./webhook-handlers.js";
import type { WebhookRequest } from "./webhook-request.js";

/** The result of a delivery. */
export interface WebhookResult {
  /**
   * `true` when the delivery is stored and its handlers will run. With the option `webhooks.inline`, `true` when the delivery
   * was handled, now or earlier.
   */
  readonly handled: boolean;
  /** `true` when the delivery, or another one with the same body, waits for its handlers. Respond with status 202 then. */
  readonly queued?: boolean;
  readonly message: string;
  /** The error of a delivery that was accepted nevertheless. */
  readonly error?: string;
}

/** The state of the inbox of deliveries. */
export interface WebhookHealth {
  /** The number of stored deliveries whose handlers still have to run, or are running. */
  readonly waiting: number;
  /** The time at which the oldest of them was received; `null` when there are none. */
  readonly oldestWaitingAt: Date | null;
  /** The number of deliveries whose handlers failed at the last attempt. */
  readonly failed: number;
  /** The time at which the last delivery was received; `null` when there are none. */
  readonly lastReceivedAt: Date | null;
  /** The time of the last periodic recovery of any process since this one started; `null` before it. */
  readonly lastSweepAt: Date | null;
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
   * Receives one delivery: verifies it and stores it with its body. Its handlers run afterwards from the store, also after a
   * restart: four deliveries at a time, at most 60 seconds each, 8 attempts within three hours, then the delivery counts as
   * failed. A delivery that was already handled is not handled again. Its body is deleted when it was handled.
   *
   * With the option `webhooks.inline`, the handlers run before the result is returned, at most 8 seconds, and the body is not
   * stored.
   *
   * @throws GitHubSdkError `invalid_signature`, `delivery_refused`, `payload_too_large`, `validation_failed`,
   * `webhook_inbox_full` when 10,000 deliveries or 256 MB of them wait, `webhook_handler_failed` only with `webhooks.inline`,
   * and the store's errors
   * @see https://docs.github.com/en/webhooks/using-webhooks/handling-webhook-deliveries
   */
  handle(request: WebhookRequest): Promise<WebhookResult>;
  /**
   * Adds a handler for every delivery of an event (`push`) or of one action (`issues.opened`). It runs after the SDK's own
   * handlers. Every handler runs at least once: when one fails, or all together exceed the time limit, all of them run again
   * after a pause; with the option `webhooks.inline`, when the delivery is redelivered. Add handlers right after
   * `createGitHubSdk`, because deliveries that an earlier process stored are handled a second later.
   *
   * A delivery is only a hint: its body is signed, but a captured body can be replayed. Read the current state from GitHub
   * before you do anything that must not happen twice.
   *
   * @returns a function that removes the handler
   * @throws GitHubSdkError `validation_failed` for an unknown event
   */
  on<Name extends EmitterWebhookEventName>(name: Name, handler: WebhookHandler<Name>): () => void;
  /**
   * Returns deliveries whose handlers failed at the last attempt or were interrupted, oldest first. Deliveries are known for 30
   * days.
   *
   * @throws GitHubSdkError `validation_failed`
   */
  failed(options?: FailedDeliveriesOptions): Promise<DeliveryPage>;
  /**
   * Runs the handlers of a failed delivery again, from its stored body.
   *
   * @param id the delivery's ID, as GitHub sent it in `X-GitHub-Delivery`
   * @throws GitHubSdkError `delivery_not_found`; `delivery_not_replayable` when it has not failed or its body is not stored
   */
  replay(id: string): Promise<void>;
  /** Returns the number and age of deliveries that wait or failed. */
  health(): Promise<WebhookHealth>;
  /**
   * Asks GitHub to redeliver a delivery, for example one whose body is not stored here.
   *
   * @param id the delivery's ID, as GitHub sent it in `X-GitHub-Delivery`
   * @throws GitHubSdkError `delivery_not_found` when GitHub no longer has it; `capability_not_configured` without a GitHub App
   */
  redeliver(id: string, options?: { readonly signal?: AbortSignal }): Promise<void>;
  /**
   * Asks GitHub to redeliver what its delivery log has and the inbox has not, and what failed and cannot be replayed. Then compares
   * the heads of the 100 branches that were synced last with the last known ones, and emits `push.received` for those that moved.
   * With a GitHub App this runs by itself at start and every 10 minutes, in one process at a time; it emits `webhooks.swept`.
   *
   * @throws GitHubSdkError `capability_not_configured` without a GitHub App, and the errors of GitHub requests
   */
  recover(options?: RecoverOptions): Promise<WebhookRecovery>;
}
