import { createHash } from "node:crypto";

/**
 * Returns the key of a row: the hexadecimal SHA-256 of all parts. Keys are equal only when all parts are equal, including case
 * and trailing spaces, in every collation, and a key of any text fits into an index.
 */
export function storeKey(...parts: readonly (string | number)[]): string {
  return createHash("sha256").update(JSON.stringify(parts), "utf8").digest("hex");
}
