import { createHash, randomBytes } from "node:crypto";

/** A new verifier: 32 random bytes, as RFC 7636 (4.1) recommends. */
export function newCodeVerifier(): string {
  return randomBytes(32).toString("base64url");
}

/** The challenge that is sent ahead of a verifier, by the method S256 (RFC 7636, 4.2). */
export function codeChallenge(verifier: string): string {
  return createHash("sha256").update(verifier, "ascii").digest("base64url");
}
