import * as z from "zod";
import { GitHubSdkError } from "../errors.js";
import { readAtMost } from "../read-at-most.js";

/** A received delivery. The body must be the raw bytes, since they are signed. */
export interface WebhookRequest {
  /** The headers; their names are case-insensitive. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
}

/** The ID and event of a delivery. The headers are not signed. */
export interface DeliveryHeaders {
  readonly id: string;
  readonly event: string;
}

// https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap
const MAX_BYTES = 25 * 1024 * 1024;
const DELIVERY_ID = /^[A-Za-z0-9_-]{1,100}$/;
const EVENT = /^[a-z0-9_]{1,100}$/;
const payloadSchema = z.looseObject({ action: z.string().nullish() });

/** The parsed body of a delivery. */
export type WebhookPayload = z.infer<typeof payloadSchema>;

/** Returns the value of a header, or `null`. */
export function headerOf({ headers }: WebhookRequest, name: string): string | null {
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name);
  return found?.[1] ?? null;
}

/**
 * Reads the ID and the event of a delivery from its headers.
 *
 * @throws GitHubSdkError `validation_failed`
 */
export function readHeaders(request: WebhookRequest): DeliveryHeaders {
  const event = headerOf(request, "x-github-event");
  if (event === null || !EVENT.test(event)) throw invalid("`X-GitHub-Event` is missing or invalid.");
  return { id: validDeliveryId(headerOf(request, "x-github-delivery") ?? ""), event };
}

/** Returns the ID of a delivery when it is valid. @throws GitHubSdkError `validation_failed` */
export function validDeliveryId(id: string): string {
  if (!DELIVERY_ID.test(id)) throw invalid("The delivery ID (`X-GitHub-Delivery`) is missing or invalid.");
  return id;
}

/**
 * Reads the body, and stops at the maximum size of GitHub's payloads.
 *
 * @throws GitHubSdkError `payload_too_large`
 */
export async function readBody(request: WebhookRequest): Promise<Uint8Array> {
  if (Number(headerOf(request, "content-length")) > MAX_BYTES) throw tooLarge();
  return readAtMost(request.body, MAX_BYTES, tooLarge);
}

/**
 * Parses the body as JSON. `Content-Type` is ignored because it is not signed: the same signed bytes must not have two
 * meanings.
 *
 * @throws GitHubSdkError `validation_failed`
 */
export function parsePayload(body: Uint8Array): WebhookPayload {
  try {
    return payloadSchema.parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)));
  } catch (error) {
    throw new GitHubSdkError(
      "validation_failed",
      "The request body is not a JSON object. Set the webhook's content type to application/json.",
      { cause: error },
    );
  }
}

function invalid(message: string): GitHubSdkError {
  return new GitHubSdkError("validation_failed", message);
}

function tooLarge(): GitHubSdkError {
  return new GitHubSdkError(
    "payload_too_large",
    "The request body is larger than 25 MB, the maximum size of GitHub's payloads.",
  );
}
