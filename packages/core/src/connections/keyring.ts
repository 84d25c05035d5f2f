import { createSecretKey, type KeyObject } from "node:crypto";
import { GitHubSdkError } from "../errors.js";

/** One key of a keyring. The key object does not print its bytes. */
export interface KeyringKey {
  /** Stored beside every text that was encrypted with the key. */
  readonly id: string;
  readonly key: KeyObject;
}

/** Keys for stored tokens: the first one encrypts, all of them decrypt. */
export type Keyring = readonly [KeyringKey, ...KeyringKey[]];

const KEY_BYTES = 32;
// Shorter than a key in base64: one that stands in the place of an id is never repeated in an error.
const KEY_ID = /^[A-Za-z0-9._-]{1,32}$/;
const HOW_TO_MAKE_ONE =
  `Make a key with: node -e "console.log('k1:' + require('crypto').randomBytes(32).toString('base64'))" ` +
  "and keep the former keys behind it, separated by commas.";

/**
 * Reads `kid:base64key[,kid:base64key…]`, each key 32 random bytes.
 *
 * @throws GitHubSdkError `invalid_options` that names the wrong key by its id or place, never by its bytes, and says how to make one
 */
export function parseKeyring(text: string): Keyring {
  const entries = text.trim() === "" ? [] : text.split(",");
  const [first, ...others] = entries.map((entry, index) => parseKey(entry.trim(), index + 1));
  if (first === undefined) throw invalid("there is no key");
  const keyring: Keyring = [first, ...others];
  const seen = new Set<string>();
  for (const { id } of keyring) {
    if (seen.has(id)) throw invalid(`the key id "${id}" is there twice`);
    seen.add(id);
  }
  return keyring;
}

function parseKey(entry: string, place: number): KeyringKey {
  const colon = entry.indexOf(":");
  if (colon === -1) throw invalid(`key ${place} has no id: write it as id:key`);
  const id = entry.slice(0, colon).trim();
  if (id === "") throw invalid(`the id of key ${place} is empty`);
  if (!KEY_ID.test(id))
    throw invalid(`the id of key ${place} may have up to 32 letters, digits, dots, dashes, underscores`);
  const bytes = decodeBase64(entry.slice(colon + 1).trim());
  if (bytes === null) throw invalid(`key "${id}" is not base64`);
  if (bytes.length !== KEY_BYTES) throw invalid(`key "${id}" has ${bytes.length} bytes instead of ${KEY_BYTES}`);
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return { id, key };
}

/** Both base64 alphabets, padding or not; `null` for a text that some byte string does not have as its base64. */
function decodeBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, "base64");
  const canonical = text.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "");
  return bytes.toString("base64").replace(/=+$/, "") === canonical ? bytes : null;
}

function invalid(problem: string): GitHubSdkError {
  return new GitHubSdkError(
    "invalid_options",
    `encryptionKeys (GITHUB_TOKEN_ENCRYPTION_KEYS): ${problem}. ${HOW_TO_MAKE_ONE}`,
  );
}
