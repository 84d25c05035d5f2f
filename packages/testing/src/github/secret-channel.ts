import { channel } from "node:diagnostics_channel";

/**
 * The name of the `node:diagnostics_channel` on which boxes tell every secret, the moment it comes into being: tokens,
 * refresh tokens, codes, secrets of clients and webhooks, private keys, signatures, and the JWTs and verifiers that they
 * took. Who subscribes can search a log for all of them.
 *
 * @see https://nodejs.org/api/diagnostics_channel.html
 */
export const SECRET_CHANNEL = "infrajet-testing:secret";

const secrets = channel(SECRET_CHANNEL);

/** Tells that a text is a secret, and gives it back. Tests do so with secrets of their own: encryption keys, JWT secrets, passwords. */
export function announceSecret(secret: string): string {
  secrets.publish(secret);
  return secret;
}
