import { channel } from "node:diagnostics_channel";

/**
 * The name of the `node:diagnostics_channel` on which boxes publish every secret when it is created or first received: tokens,
 * refresh tokens, codes, client and webhook secrets, private keys, signatures, JWTs and PKCE verifiers. A subscriber can check
 * that none of them appears in a log.
 *
 * @see https://nodejs.org/api/diagnostics_channel.html
 */
export const SECRET_CHANNEL = "infrajet-testing:secret";

const secrets = channel(SECRET_CHANNEL);

/** Publishes a secret on {@link SECRET_CHANNEL} and returns it. Tests use it for their own secrets, such as encryption keys. */
export function announceSecret(secret: string): string {
  secrets.publish(secret);
  return secret;
}
