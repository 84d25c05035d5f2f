import { createHmac, timingSafeEqual } from "node:crypto";

/** HMAC-SHA256 in base64, as Azure signs. */
export function sign(key: Buffer, text: string): string {
  return createHmac("sha256", key).update(text).digest("base64");
}

/** Whether one of the keys made this signature. */
export function isSignedBy(keys: readonly Buffer[], text: string, signature: string): boolean {
  return keys.some((key) => {
    const expected = Buffer.from(sign(key, text));
    const given = Buffer.from(signature);
    return expected.length === given.length && timingSafeEqual(expected, given);
  });
}
