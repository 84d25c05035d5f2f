import type { Delivery, DeliveryDraft } from "../domain/delivery.js";

/** The result of claiming a delivery. */
export type DeliveryClaim =
  /** The caller must handle the delivery. `attempt` identifies the claim. */
  | { readonly outcome: "claimed"; readonly attempt: number }
  /** The delivery was already handled. */
  | { readonly outcome: "duplicate" }
  /** Another caller is handling the delivery. */
  | { readonly outcome: "in_progress" }
  /** A delivery with another ID and the same event and body was handled, or is being handled. */
  | { readonly outcome: "repeated" }
  /** A delivery with the same ID and another body was received before, so one of the two is not from GitHub. */
  | { readonly outcome: "different_body" };

/** One page of deliveries. */
export interface DeliveryPage {
  readonly deliveries: readonly Delivery[];
  /** An opaque position for the next page; `null` on the last page. */
  readonly nextCursor: string | null;
}

/**
 * A store of webhook deliveries by ID. IDs are compared exactly.
 *
 * Atomicity: when several callers claim a delivery concurrently, exactly one succeeds. A claim ends with `complete` or `fail`,
 * or when it expires. A failed or expired delivery can be claimed again, a completed one cannot. `complete` and `fail` check
 * that the claim is the last one and write in one step.
 */
export interface DeliveryStore {
  /**
   * Claims a delivery for `ttl` milliseconds. The digest is compared first, whatever the status of the delivery.
   *
   * @param repeatsSince When given, a delivery with a new ID is `repeated` if a delivery with the same event and digest was
   * received at that time or later and is completed or has an active claim. Two deliveries that arrive at the same moment may
   * both be claimed.
   */
  claim(delivery: DeliveryDraft, ttl: number, repeatsSince?: Date): Promise<DeliveryClaim>;
  /** Completes a delivery. Returns false when the claim is not the last one or has ended. An expired claim can be completed until another caller claims the delivery. */
  complete(id: string, attempt: number): Promise<boolean>;
  /** Marks a delivery as failed. Returns false as {@link complete} does. */
  fail(id: string, attempt: number, error: string): Promise<boolean>;
  /** Returns the delivery, or `null`. */
  find(id: string): Promise<Delivery | null>;
  /**
   * Returns at most `limit` deliveries after the cursor that failed or whose claim expired, oldest first.
   *
   * @throws GitHubSdkError `validation_failed` for an invalid cursor
   */
  failed(limit: number, cursor: string | null): Promise<DeliveryPage>;
  /** Deletes at most `limit` deliveries received before `time`, oldest first, except those with an active claim. Returns their number. */
  removeReceivedBefore(time: Date, limit: number): Promise<number>;
}
