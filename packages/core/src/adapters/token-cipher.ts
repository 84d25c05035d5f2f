import type { EncryptedText } from "../domain/connection.js";

/** What an encrypted text belongs to: authenticated with it, so that a text that is copied elsewhere does not decrypt. */
export interface CipherContext {
  /** Whose secret it is. */
  readonly owner: string;
  /** Which of the owner's secrets it is. */
  readonly field: string;
}

/**
 * Encrypts what is stored of GitHub's tokens, authenticated (AEAD) and bound to owner and field.
 *
 * Encrypting one text twice gives two different ones. Every key of the keyring decrypts, one encrypts.
 */
export interface TokenCipher {
  encrypt(plaintext: string, context: CipherContext): Promise<EncryptedText>;
  /**
   * @throws GitHubSdkError `store_failed` when the key is not in the keyring, or the text was altered or made for another
   * owner or field. What it throws says nothing of the text.
   */
  decrypt(encrypted: EncryptedText, context: CipherContext): Promise<string>;
  /** Whether another key encrypts now, so that the text should be encrypted anew before its own key is retired. */
  needsReencryption(encrypted: EncryptedText): boolean;
}
