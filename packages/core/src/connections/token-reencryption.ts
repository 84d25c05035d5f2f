import type { ConnectionServices } from "./connection-services.js";
import { allTokens, type HeldToken, type TokenVault } from "./token-vault.js";

/** The progress of re-encrypting all tokens with the first key. */
export interface ReencryptionProgress {
  /** The number of tokens examined. */
  readonly examined: number;
  /** The number of tokens that were re-encrypted with the first key. */
  readonly reencrypted: number;
  /** The number of tokens that could not be decrypted, because their key is missing or they were altered. The log names their users. */
  readonly failed: number;
}

/** The options of re-encrypting all tokens. */
export interface ReencryptionOptions {
  readonly signal?: AbortSignal;
  /** Called after every page of connections. */
  readonly onProgress?: (progress: ReencryptionProgress) => void;
}

const PAGE_SIZE = 100;

/**
 * Re-encrypts every stored token with the first key of the keyring. It is safe to run concurrently with token refreshes and
 * other runs, since it does not overwrite a token that was replaced in the meantime. Run it again after an interruption.
 *
 * @throws the signal's reason
 */
export async function reencryptTokens(
  { connections, logger }: Pick<ConnectionServices, "connections" | "logger">,
  vault: TokenVault,
  { signal, onProgress }: ReencryptionOptions,
): Promise<ReencryptionProgress> {
  const progress = { examined: 0, reencrypted: 0, failed: 0 };
  let cursor: string | null = null;
  do {
    signal?.throwIfAborted();
    const page = await connections.page(PAGE_SIZE, cursor);
    for (const held of page.connections.flatMap(allTokens)) {
      signal?.throwIfAborted();
      progress.examined += 1;
      if (vault.isUnderFormerKey(held)) await reencrypt(held);
    }
    onProgress?.({ ...progress });
    cursor = page.nextCursor;
  } while (cursor !== null);
  return progress;

  async function reencrypt(held: HeldToken): Promise<void> {
    const { apiUrl, userId } = held.connection;
    const resealed = await vault.reseal(held).catch((error: unknown) => {
      logger.error("A stored token could not be decrypted.", { userId, client: held.client, error });
      return null;
    });
    if (resealed === null) progress.failed += 1;
    else if (await connections.reencryptToken({ apiUrl, userId }, held.token.version, resealed)) {
      progress.reencrypted += 1;
    }
  }
}
