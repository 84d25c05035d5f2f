/** Where a webhook delivery stands. A handler that failed leaves it `failed`, and GitHub can deliver it again. */
export type DeliveryStatus = "in_progress" | "completed" | "failed";

/** What a webhook delivery comes with. */
export interface DeliveryDraft {
  /** `X-GitHub-Delivery`; GitHub repeats it when it delivers again. */
  readonly id: string;
  /** `X-GitHub-Event`. */
  readonly event: string;
  /** SHA-256 of the raw body, in hex. */
  readonly digest: string;
  readonly receivedAt: Date;
}

/** A webhook delivery as a store remembers it; its body is not kept. */
export interface Delivery extends DeliveryDraft {
  readonly status: DeliveryStatus;
  /** How often it was claimed: 1 for the first time. */
  readonly attempt: number;
  /** Until when the last claim holds. */
  readonly claimedUntil: Date;
  /** What the handler failed with; `null` unless it failed. */
  readonly error: string | null;
}
