import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from "node:crypto";
import type { CipherContext, TokenCipher } from "../adapters/token-cipher.js";
import type { EncryptedText } from "../domain/connection.js";
import { GitHubSdkError } from "../errors.js";
import { type Keyring, type KeyringKey, parseKeyring } from "./keyring.js";

const ALGORITHM = "aes-256-gcm";
const VERSION = "v1";
const TAG_BYTES = 16;
// NIST SP 800-38D (8.2) recommends 96-bit nonces for GCM.
const NONCE_BYTES = 12;
const SEALED = /^v1\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{22,})$/;

/**
 * Creates a cipher for stored tokens: AES-256-GCM with a random 96-bit nonce; version, key ID, owner and field are
 * authenticated. The encrypted text is `v1.<nonce>.<ciphertext and tag>`, both base64url.
 *
 * @param keys `kid:base64key[,kid:base64key…]`, or the result of {@link parseKeyring}: the first key encrypts, all keys decrypt
 * @throws GitHubSdkError `invalid_options` when keys are invalid or missing
 */
export function keyringCipher(keys: string | Keyring): TokenCipher {
  return new KeyringCipher(typeof keys === "string" ? parseKeyring(keys) : keys);
}

class KeyringCipher implements TokenCipher {
  readonly #current: KeyringKey;
  readonly #keys: ReadonlyMap<string, KeyObject>;

  constructor(keyring: Keyring) {
    this.#current = keyring[0];
    this.#keys = new Map(keyring.map(({ id, key }) => [id, key]));
  }

  async encrypt(plaintext: string, context: CipherContext): Promise<EncryptedText> {
    const { id, key } = this.#current;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES }).setAAD(boundTo(id, context));
    const sealed = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return { keyId: id, text: `${VERSION}.${nonce.toString("base64url")}.${sealed.toString("base64url")}` };
  }

  async decrypt({ keyId, text }: EncryptedText, context: CipherContext): Promise<string> {
    const key = this.#keys.get(keyId);
    if (key === undefined) {
      throw new GitHubSdkError(
        "store_failed",
        "A stored token was encrypted with a key that is not in the keyring. Add the former key back after the current keys.",
      );
    }
    const { nonce, body, tag } = parseSealed(text);
    try {
      const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES })
        .setAAD(boundTo(keyId, context))
        .setAuthTag(tag);
      return Buffer.concat([decipher.update(body), decipher.final()]).toString("utf8");
    } catch {
      throw altered();
    }
  }

  needsReencryption({ keyId, text }: EncryptedText): boolean {
    return keyId !== this.#current.id || !text.startsWith(`${VERSION}.`);
  }
}

function parseSealed(text: string): { readonly nonce: Buffer; readonly body: Buffer; readonly tag: Buffer } {
  const [, nonceText = "", sealedText = ""] = SEALED.exec(text) ?? [];
  const nonce = Buffer.from(nonceText, "base64url");
  const sealed = Buffer.from(sealedText, "base64url");
  // Only the canonical base64url spelling is accepted, so that a stored text cannot be varied.
  if (sealed.length < TAG_BYTES || sealed.toString("base64url") !== sealedText) throw altered();
  return { nonce, body: sealed.subarray(0, -TAG_BYTES), tag: sealed.subarray(-TAG_BYTES) };
}

/** Prefixes each part with its length, so that bytes cannot be shifted from one part to the next. */
function boundTo(keyId: string, { owner, field }: CipherContext): Buffer {
  return Buffer.concat(
    [VERSION, keyId, owner, field].flatMap((part) => {
      const bytes = Buffer.from(part, "utf8");
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}

function altered(): GitHubSdkError {
  return new GitHubSdkError(
    "store_failed",
    "A stored token cannot be decrypted: it was altered, or it belongs to another user or field.",
  );
}
