/**
 * The status of a webhook delivery.
 *
 * - `pending`: stored with its body; its handlers run next, or again after a failed attempt
 * - `in_progress`: claimed by a process that runs its handlers
 * - `completed`: handled; its body is deleted
 * - `failed`: a handler failed, and the handlers do not run again until the delivery is replayed or redelivered
 * - `skipped`: it had no handler, or another delivery has the same event and body, and its handlers run instead
 */
export type DeliveryStatus = "pending" | "in_progress" | "completed" | "failed" | "skipped";

/** A webhook delivery that was received. */
export interface DeliveryDraft {
  /** `X-GitHub-Delivery`. A redelivery has the same ID. */
  readonly id: string;
  /** `X-GitHub-Event`. */
  readonly event: string;
  /** SHA-256 of the raw body, in hex. */
  readonly digest: string;
  readonly receivedAt: Date;
}

/** The record of a webhook delivery, without its body. */
export interface Delivery extends DeliveryDraft {
  readonly status: DeliveryStatus;
  /** The number of claims so far. */
  readonly attempt: number;
  /** The attempt after which a stored delivery that fails is `failed`; 0 when the delivery was never stored with its body. */
  readonly attemptLimit: number;
  /** The time at which the last claim expires. Of a `pending` delivery, the time of its next attempt. */
  readonly claimedUntil: Date;
  /** The size of the stored body in bytes, as stored; 0 when there is none. */
  readonly storedBytes: number;
  /** The error of the last attempt; `null` unless it failed. */
  readonly error: string | null;
}
