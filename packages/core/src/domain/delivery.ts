/** The status of a webhook delivery. It is `failed` when a handler failed; GitHub can redeliver it then. */
export type DeliveryStatus = "in_progress" | "completed" | "failed";

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

/** The record of a webhook delivery. Its body is not stored. */
export interface Delivery extends DeliveryDraft {
  readonly status: DeliveryStatus;
  /** The number of claims so far, starting at 1. */
  readonly attempt: number;
  /** The time at which the last claim expires. */
  readonly claimedUntil: Date;
  /** The error of the handler; `null` unless it failed. */
  readonly error: string | null;
}
