import type { EncryptedText } from "../domain/connection.js";

/** The place of an encrypted text. It is authenticated with the text, so that a copy in another place does not decrypt. */
export interface CipherContext {
  /** The owner of the secret. */
  readonly owner: string;
  /** The name of the secret. */
  readonly field: string;
}

/**
 * Encrypts stored tokens with authenticated encryption (AEAD), bound to owner and field.
 *
 * Encrypting the same text twice returns different results. Every key of the keyring decrypts; one of them encrypts.
 */
export interface TokenCipher {
  /** Encrypts a text. */
  encrypt(plaintext: string, context: CipherContext): Promise<EncryptedText>;
  /**
   * Decrypts a text. Its errors do not contain the text.
   *
   * @throws GitHubSdkError `store_failed` when the key is not in the keyring, or when the text was modified or encrypted for
   * another owner or field
   */
  decrypt(encrypted: EncryptedText, context: CipherContext): Promise<string>;
  /** True when another key encrypts now. Re-encrypt the text before its key is removed. */
  needsReencryption(encrypted: EncryptedText): boolean;
}
