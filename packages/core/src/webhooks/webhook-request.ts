import { z } from "zod";
import { GitHubSdkError } from "../errors.js";
import { readAtMost } from "../read-at-most.js";

/** A delivery as it came in: the raw bytes, for they are what is signed. */
export interface WebhookRequest {
  /** Names in any case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
}

/** What the headers of a delivery say. They are not signed. */
export interface DeliveryHeaders {
  readonly id: string;
  readonly event: string;
}

// https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap
const MOST_BYTES = 25 * 1024 * 1024;
const DELIVERY_ID = /^[A-Za-z0-9_-]{1,100}$/;
const EVENT = /^[a-z0-9_]{1,100}$/;
const payloadSchema = z.looseObject({ action: z.string().nullish() });

/** A signed body, parsed. */
export type WebhookPayload = z.infer<typeof payloadSchema>;

/** A header's value; `null` when it is not there. */
export function headerOf({ headers }: WebhookRequest, name: string): string | null {
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name);
  return found?.[1] ?? null;
}

/**
 * Which delivery it is said to be.
 *
 * @throws GitHubSdkError `validation_failed`
 */
export function readHeaders(request: WebhookRequest): DeliveryHeaders {
  const event = headerOf(request, "x-github-event");
  if (event === null || !EVENT.test(event)) throw invalid("X-GitHub-Event does not name an event.");
  return { id: validDeliveryId(headerOf(request, "x-github-delivery") ?? ""), event };
}

/** The id of a delivery, when it can be one. @throws GitHubSdkError `validation_failed` */
export function validDeliveryId(id: string): string {
  if (!DELIVERY_ID.test(id)) throw invalid("X-GitHub-Delivery is not the id of a delivery.");
  return id;
}

/**
 * Reads the body, and stops reading where GitHub would not have gone on.
 *
 * @throws GitHubSdkError `payload_too_large`
 */
export async function readBody(request: WebhookRequest): Promise<Uint8Array> {
  if (Number(headerOf(request, "content-length")) > MOST_BYTES) throw tooLarge();
  return readAtMost(request.body, MOST_BYTES, tooLarge);
}

/**
 * The body as JSON. Nothing but JSON is read, whatever `Content-Type` says: it is not signed, and the same signed bytes must
 * not mean two things.
 *
 * @throws GitHubSdkError `validation_failed`
 */
export function parsePayload(body: Uint8Array): WebhookPayload {
  try {
    return payloadSchema.parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)));
  } catch (error) {
    throw new GitHubSdkError(
      "validation_failed",
      "The body is no JSON object. Set the webhook's content type to application/json.",
      { cause: error },
    );
  }
}

function invalid(message: string): GitHubSdkError {
  return new GitHubSdkError("validation_failed", message);
}

function tooLarge(): GitHubSdkError {
  return new GitHubSdkError("payload_too_large", "The body is larger than the 25 MB that GitHub sends at most.");
}
