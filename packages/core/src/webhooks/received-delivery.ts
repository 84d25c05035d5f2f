import { createHash } from "node:crypto";
import type { Clock } from "../adapters/clock.js";
import type { DeliveryDraft } from "../domain/delivery.js";
import { GitHubSdkError } from "../errors.js";
import type { DeliveryHeaders } from "./webhook-request.js";

const REPEATS_DETECTED_FOR_MS = 24 * 60 * 60_000;

/** Returns a delivery that is received now. */
export function receivedDelivery({ id, event }: DeliveryHeaders, body: Uint8Array, clock: Clock): DeliveryDraft {
  const digest = createHash("sha256").update(body).digest("hex");
  return { id, event, digest, receivedAt: new Date(clock.now()) };
}

/** Returns the time since which a delivery with the same event and body counts as a repeat. */
export function repeatsSince({ receivedAt }: DeliveryDraft): Date {
  return new Date(receivedAt.getTime() - REPEATS_DETECTED_FOR_MS);
}

/** Returns the error for a delivery whose ID belongs to another body. */
export function differentBody(): GitHubSdkError {
  return new GitHubSdkError(
    "delivery_refused",
    "A delivery with this ID and a different payload was already received.",
  );
}
