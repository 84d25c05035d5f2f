import type { ConnectionServices } from "./connection-services.js";
import { type HeldToken, heldTokens, type TokenVault } from "./token-vault.js";

/** How far an encryption of all tokens under the first key has come. */
export interface ReencryptionProgress {
  /** Tokens that were looked at. */
  readonly examined: number;
  /** Tokens that were under a former key and are under the first one now. */
  readonly reencrypted: number;
  /** Tokens that could not be decrypted, since their key is missing or they were altered; the log names their users. */
  readonly failed: number;
}

/** How an encryption of all tokens under the first key is run. */
export interface ReencryptionOptions {
  readonly signal?: AbortSignal;
  /** Called after every page of connections. */
  readonly onProgress?: (progress: ReencryptionProgress) => void;
}

const PAGE = 100;

/**
 * Moves every stored token to the first key of the keyring. Safe beside refreshes and other runs, since a token that was
 * replaced meanwhile is not touched; a run that was interrupted is taken up by running it again.
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
    const page = await connections.page(PAGE, cursor);
    for (const held of page.connections.flatMap(heldTokens)) {
      signal?.throwIfAborted();
      progress.examined += 1;
      if (vault.isUnderFormerKey(held)) await move(held);
    }
    onProgress?.({ ...progress });
    cursor = page.nextCursor;
  } while (cursor !== null);
  return progress;

  async function move(held: HeldToken): Promise<void> {
    const { apiUrl, userId } = held.connection;
    const resealed = await vault.reseal(held).catch((error: unknown) => {
      logger.error("A stored token could not be decrypted.", { userId, client: held.client, error });
      return null;
    });
    if (resealed === null) progress.failed += 1;
    else if (await connections.reencryptToken({ apiUrl, userId }, held.client, held.token.version, resealed)) {
      progress.reencrypted += 1;
    }
  }
}
