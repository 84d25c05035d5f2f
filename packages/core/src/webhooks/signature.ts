import { createHmac, timingSafeEqual } from "node:crypto";
import type { Secret } from "../secret.js";

/**
 * Whether one of the secrets signed exactly these bytes. How long it takes tells nothing of the secrets.
 *
 * @param signature `X-Hub-Signature-256`, such as `sha256=` and 64 hex digits
 * @see https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
export function isSigned(body: Uint8Array, signature: string, secrets: readonly Secret[]): boolean {
  const [, hex] = /^sha256=([0-9a-f]{64})$/.exec(signature) ?? [];
  if (hex === undefined) return false;
  const given = Buffer.from(hex, "hex");
  const matches = secrets.map((secret) =>
    timingSafeEqual(createHmac("sha256", secret.reveal()).update(body).digest(), given),
  );
  return matches.includes(true);
}
