import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { CipherContext, TokenCipher } from "../adapters/token-cipher.js";
import type { EncryptedText } from "../domain/connection.js";
import { GitHubSdkError } from "../errors.js";

const ALGORITHM = "aes-256-gcm";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

interface Key {
  readonly id: string;
  readonly bytes: Buffer;
}

/**
 * Encrypts with AES-256-GCM and random keys in memory, for the stores in memory. The encrypted texts cannot be decrypted
 * after the process has ended.
 */
export class MemoryTokenCipher implements TokenCipher {
  readonly #keys = new Map<string, Key>();
  #current = this.#addKey();

  /** Creates a new key that encrypts from then on. Earlier keys still decrypt. */
  rotate(): void {
    this.#current = this.#addKey();
  }

  async encrypt(plaintext: string, context: CipherContext): Promise<EncryptedText> {
    const { id, bytes } = this.#current;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, bytes, nonce, { authTagLength: TAG_BYTES }).setAAD(boundTo(context, id));
    const body = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final()]);
    return { keyId: id, text: Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64url") };
  }

  async decrypt({ keyId, text }: EncryptedText, context: CipherContext): Promise<string> {
    const key = this.#keys.get(keyId);
    if (key === undefined) throw new GitHubSdkError("store_failed", "A token was encrypted with an unknown key.");
    const sealed = Buffer.from(text, "base64url");
    // Rejects other base64 spellings of the same bytes: a stored text must be unmodified.
    if (sealed.length < NONCE_BYTES + TAG_BYTES || sealed.toString("base64url") !== text) throw altered();
    try {
      const decipher = createDecipheriv(ALGORITHM, key.bytes, sealed.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      })
        .setAAD(boundTo(context, keyId))
        .setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString(
        "utf8",
      );
    } catch {
      throw altered();
    }
  }

  needsReencryption({ keyId }: EncryptedText): boolean {
    return keyId !== this.#current.id;
  }

  #addKey(): Key {
    const key: Key = { id: randomBytes(8).toString("hex"), bytes: randomBytes(KEY_BYTES) };
    this.#keys.set(key.id, key);
    return key;
  }
}

function boundTo({ owner, field }: CipherContext, keyId: string): Buffer {
  return Buffer.from(JSON.stringify([owner, field, keyId]), "utf8");
}

function altered(): GitHubSdkError {
  return new GitHubSdkError(
    "store_failed",
    "A stored token cannot be decrypted: it was modified, or it belongs to another owner or field.",
  );
}
