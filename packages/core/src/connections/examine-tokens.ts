import type { ConnectionServices } from "./connection-services.js";
import { allTokens, type TokenVault } from "./token-vault.js";

/** The result of decrypting stored tokens. */
export interface TokenExamination {
  readonly examined: number;
  /** The number of tokens that could not be decrypted, because their key is missing or they were altered. */
  readonly failed: number;
}

const PAGE_SIZE = 100;

/** Decrypts the tokens of at most `limit` connections and discards the result. */
export async function examineTokens(
  { connections }: Pick<ConnectionServices, "connections">,
  vault: TokenVault,
  limit: number,
): Promise<TokenExamination> {
  let examined = 0;
  let failed = 0;
  let cursor: string | null = null;
  for (let left = limit; left > 0; left -= PAGE_SIZE) {
    const page = await connections.page(Math.min(left, PAGE_SIZE), cursor);
    for (const held of page.connections.flatMap(allTokens)) {
      examined += 1;
      const isReadable = await Promise.all([vault.accessToken(held), vault.refreshToken(held)]).then(
        () => true,
        () => false,
      );
      if (!isReadable) failed += 1;
    }
    cursor = page.nextCursor;
    if (cursor === null) break;
  }
  return { examined, failed };
}
