import { createHmac, timingSafeEqual } from "node:crypto";

/** Returns the HMAC-SHA256 of a text in base64. */
export function sign(key: Buffer, text: string): string {
  return createHmac("sha256", key).update(text).digest("base64");
}

/** True when one of the keys produces this signature. */
export function isSignedBy(keys: readonly Buffer[], text: string, signature: string): boolean {
  return keys.some((key) => {
    const expected = Buffer.from(sign(key, text));
    const given = Buffer.from(signature);
    return expected.length === given.length && timingSafeEqual(expected, given);
  });
}
