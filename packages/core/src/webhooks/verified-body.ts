import { createHmac, timingSafeEqual } from "node:crypto";
import { GitHubSdkError } from "../errors.js";
import type { Secret } from "../secret.js";
import { headerOf, readBody, type WebhookRequest } from "./webhook-request.js";
import type { WebhookServices } from "./webhook-services.js";

/**
 * Reads the body of a delivery and verifies its signature. A body without a well-formed signature is not read.
 *
 * @throws GitHubSdkError `invalid_signature`, `payload_too_large`
 */
export async function readVerifiedBody(
  request: WebhookRequest,
  { secrets, allowUnsigned }: Pick<WebhookServices, "secrets" | "allowUnsigned">,
): Promise<Uint8Array> {
  if (secrets.length === 0 && !allowUnsigned) throw invalid("No webhook secret is configured.");
  if (secrets.length === 0) return readBody(request);
  const signature = headerOf(request, "x-hub-signature-256");
  if (signature === null) throw invalid("X-Hub-Signature-256 is missing.");
  const [, hex] = /^sha256=([0-9a-f]{64})$/.exec(signature) ?? [];
  if (hex === undefined) throw invalid("X-Hub-Signature-256 is malformed.");
  const body = await readBody(request);
  if (!isSigned(body, Buffer.from(hex, "hex"), secrets)) throw invalid("The signature does not match the body.");
  return body;
}

/**
 * Returns `true` when one of the secrets signed exactly these bytes. Compares in constant time.
 *
 * @param signature the 32 bytes of `X-Hub-Signature-256`
 * @see https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
function isSigned(body: Uint8Array, signature: Uint8Array, secrets: readonly Secret[]): boolean {
  const matches = secrets.map((secret) =>
    timingSafeEqual(createHmac("sha256", secret.reveal()).update(body).digest(), signature),
  );
  return matches.includes(true);
}

function invalid(reason: string): GitHubSdkError {
  return new GitHubSdkError("invalid_signature", `The delivery's signature could not be verified. ${reason}`);
}
