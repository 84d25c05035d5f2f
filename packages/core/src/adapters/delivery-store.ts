import type { Delivery, DeliveryDraft } from "../domain/delivery.js";

/** The result of claiming a delivery. */
export type DeliveryClaim =
  /** The caller must handle the delivery. `attempt` identifies the claim. */
  | { readonly outcome: "claimed"; readonly attempt: number }
  /** The delivery was already handled. */
  | { readonly outcome: "duplicate" }
  /** Another caller is handling the delivery. */
  | { readonly outcome: "in_progress" }
  /** A delivery with another ID and the same event and body was handled, waits, or is being handled. */
  | { readonly outcome: "repeated" }
  /** A delivery with the same ID and another body was received before, so one of the two is not from GitHub. */
  | { readonly outcome: "different_body" };

/**
 * The result of storing a delivery with its body.
 *
 * - `stored`: it waits for {@link DeliveryStore.claimNext}
 * - `waiting`: it is stored already, or another caller is handling it
 * - `duplicate`: it was already handled
 * - `repeat_waiting`: a delivery with another ID and the same event and body waits or is being handled
 * - `repeated`: such a delivery was handled
 * - `different_body`: a delivery with the same ID and another body was received before, so one of the two is not from GitHub
 */
export type DeliveryReceipt = "stored" | "waiting" | "duplicate" | "repeat_waiting" | "repeated" | "different_body";

/** The options of {@link DeliveryStore.enqueue}. */
export interface EnqueueOptions {
  /** The number of attempts before the delivery counts as failed. */
  readonly attempts: number;
  /** Compares event and digest as {@link DeliveryStore.claim} does. Defaults to no comparison. */
  readonly repeatsSince?: Date;
}

/** A delivery that the caller claimed and must handle. */
export interface ClaimedDelivery {
  readonly delivery: Delivery;
  readonly body: Uint8Array;
}

/** One page of deliveries. */
export interface DeliveryPage {
  readonly deliveries: readonly Delivery[];
  /** An opaque position for the next page; `null` on the last page. */
  readonly nextCursor: string | null;
}

/** Figures about the stored deliveries. */
export interface DeliverySummary {
  /** The number of deliveries that are stored with their body and neither completed nor failed. */
  readonly waiting: number;
  /** The size of their bodies, as stored. */
  readonly waitingBytes: number;
  /** The time at which the oldest of them was received; `null` when there are none. */
  readonly oldestWaitingAt: Date | null;
  /** The number of failed deliveries. */
  readonly failed: number;
  /** The time at which the first delivery that is still known was received; `null` when there are none. */
  readonly firstReceivedAt: Date | null;
  /** The time at which the last delivery was received; `null` when there are none. */
  readonly lastReceivedAt: Date | null;
}

/**
 * A store of webhook deliveries by ID. IDs are compared exactly.
 *
 * A delivery is handled in one of two ways: `claim` claims it without its body, for handlers that run before the response;
 * `enqueue` stores it with its body, and `claimNext` claims the stored deliveries one by one.
 *
 * Atomicity: when several callers claim a delivery concurrently, by either method, exactly one succeeds. A claim ends with
 * `complete`, `fail`, `retry` or `release`, or when it expires. A failed or expired delivery can be claimed again, a completed
 * one cannot. All methods that take an attempt check that it is the last claim and write in one step. They return false when it
 * is not, or when it has ended. An expired claim can still be ended or renewed until another caller claims the delivery.
 */
export interface DeliveryStore {
  /**
   * Claims a delivery for `ttl` milliseconds. The digest is compared first, whatever the status of the delivery.
   *
   * @param repeatsSince When given, a delivery with a new ID is `repeated` if a delivery with the same event and digest was
   * received at that time or later and is completed, waits, or has an active claim. Two deliveries that arrive at the same
   * moment may both be claimed.
   */
  claim(delivery: DeliveryDraft, ttl: number, repeatsSince?: Date): Promise<DeliveryClaim>;
  /**
   * Stores a delivery with its body as `pending`. A failed delivery becomes `pending` again. A delivery that repeats another one
   * is stored as `skipped`, without its body.
   */
  enqueue(delivery: DeliveryDraft, body: Uint8Array, options: EnqueueOptions): Promise<DeliveryReceipt>;
  /** Stores a delivery that has no handler as `skipped`. Does nothing when its ID is known. */
  skip(delivery: DeliveryDraft): Promise<void>;
  /**
   * Claims for `ttl` milliseconds the stored delivery that was received first, of those that are `pending` and due or whose
   * claim expired. Returns `null` when there is none.
   */
  claimNext(ttl: number): Promise<ClaimedDelivery | null>;
  /** Extends a claim to `ttl` milliseconds from now. */
  renew(id: string, attempt: number, ttl: number): Promise<boolean>;
  /** Completes a delivery and deletes its body. */
  complete(id: string, attempt: number): Promise<boolean>;
  /** Marks a delivery as failed. Its body is kept. */
  fail(id: string, attempt: number, error: string): Promise<boolean>;
  /** Makes a stored delivery `pending` again, due in `delay` milliseconds. */
  retry(id: string, attempt: number, error: string, delay: number): Promise<boolean>;
  /** Makes a stored delivery `pending` again, due at once. The attempt does not count: `attemptLimit` increases by 1. */
  release(id: string, attempt: number): Promise<boolean>;
  /** Makes a failed delivery with a stored body `pending`, due at once, for `attempts` more attempts. Returns false for any other. */
  replay(id: string, attempts: number): Promise<boolean>;
  /** Returns the delivery, or `null`. */
  find(id: string): Promise<Delivery | null>;
  /**
   * Returns at most `limit` deliveries after the cursor that failed or whose claim expired, oldest first.
   *
   * @throws GitHubSdkError `validation_failed` for an invalid cursor
   */
  failed(limit: number, cursor: string | null): Promise<DeliveryPage>;
  /** Returns figures about the stored deliveries. */
  summary(): Promise<DeliverySummary>;
  /**
   * Deletes at most `limit` deliveries received before `time`, oldest first, except those with an active claim and those that
   * wait for an attempt. Returns their number.
   */
  removeReceivedBefore(time: Date, limit: number): Promise<number>;
}
