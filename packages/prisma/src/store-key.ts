import { createHash } from "node:crypto";

/**
 * What rows are found by in place of texts: the SHA-256, in hexadecimal, of all parts together. Two keys are alike only when
 * every part is, case and trailing blanks included, in whatever collation the database compares; and a text of any length
 * fits into an index.
 */
export function storeKey(...parts: readonly (string | number)[]): string {
  return createHash("sha256").update(JSON.stringify(parts), "utf8").digest("hex");
}
