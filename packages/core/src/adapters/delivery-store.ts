import type { Delivery, DeliveryDraft } from "../domain/delivery.js";

/** Whether the caller is the one to handle a delivery. */
export type DeliveryClaim =
  /** It is; the attempt names the claim. */
  | { readonly outcome: "claimed"; readonly attempt: number }
  /** It was handled before. */
  | { readonly outcome: "duplicate" }
  /** Somebody else is at it. */
  | { readonly outcome: "in_progress" }
  /** Another body came under the same id before: one of the two is no delivery of GitHub's. */
  | { readonly outcome: "different_body" };

/** One page of deliveries. */
export interface DeliveryPage {
  readonly deliveries: readonly Delivery[];
  /** Opaque; the next page begins after it. `null` on the last page. */
  readonly nextCursor: string | null;
}

/**
 * Webhook deliveries by id (compared exactly).
 *
 * Atomicity: of any number of callers that claim a delivery at the same moment exactly one gets it. A claim ends by
 * `complete` or `fail`, or by itself after its time: what failed or was abandoned can be claimed again, what was completed
 * never. `complete` and `fail` act only for the last claim, checked and done in one step.
 */
export interface DeliveryStore {
  /** Claims a delivery for that many milliseconds. The digest is looked at first, whatever became of the delivery. */
  claim(delivery: DeliveryDraft, ttl: number): Promise<DeliveryClaim>;
  /** Ends a claim well; `false` when it is not the last one, or was ended before. A claim that ran out can still be ended while nobody took over. */
  complete(id: string, attempt: number): Promise<boolean>;
  /** Ends a claim with what went wrong; `false` as for `complete`. */
  fail(id: string, attempt: number, error: string): Promise<boolean>;
  /** The delivery, or `null`. */
  find(id: string): Promise<Delivery | null>;
  /**
   * Deliveries that failed or were abandoned, those first received first, `limit` after the cursor.
   *
   * @throws GitHubSdkError `validation_failed` for a cursor that is none.
   */
  failed(limit: number, cursor: string | null): Promise<DeliveryPage>;
  /** Forgets deliveries that were received before, oldest first and at most `limit`, but none that is being handled; gives back how many. */
  removeReceivedBefore(time: Date, limit: number): Promise<number>;
}
