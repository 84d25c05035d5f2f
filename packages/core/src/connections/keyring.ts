import { createSecretKey, type KeyObject } from "node:crypto";
import { GitHubSdkError } from "../errors.js";

/** One key of a keyring. Printing the key object does not reveal its bytes. */
export interface KeyringKey {
  /** Stored with every text that was encrypted with the key. */
  readonly id: string;
  readonly key: KeyObject;
}

/** The keys for stored tokens: the first key encrypts, all keys decrypt. */
export type Keyring = readonly [KeyringKey, ...KeyringKey[]];

const KEY_BYTES = 32;
// Shorter than a key in base64, so that a key in the place of an ID is never repeated in an error message.
const KEY_ID = /^[A-Za-z0-9._-]{1,32}$/;
const HOW_TO_GENERATE =
  `Generate a key with: node -e "console.log('k1:' + require('crypto').randomBytes(32).toString('base64'))" ` +
  "and keep the former keys after it, separated by commas.";

/**
 * Parses `kid:base64key[,kid:base64key…]`, each key 32 random bytes.
 *
 * @throws GitHubSdkError `invalid_options`; the message names the invalid key by its ID or position, never by its bytes
 */
export function parseKeyring(text: string): Keyring {
  const entries = text.trim() === "" ? [] : text.split(",");
  const [first, ...others] = entries.map((entry, index) => parseKey(entry.trim(), index + 1));
  if (first === undefined) throw invalid("no key is given");
  const keyring: Keyring = [first, ...others];
  const seen = new Set<string>();
  for (const { id } of keyring) {
    if (seen.has(id)) throw invalid(`the key ID "${id}" is used twice`);
    seen.add(id);
  }
  return keyring;
}

function parseKey(entry: string, position: number): KeyringKey {
  const colon = entry.indexOf(":");
  if (colon === -1) throw invalid(`key ${position} has no ID; write it as id:key`);
  const id = entry.slice(0, colon).trim();
  if (id === "") throw invalid(`the ID of key ${position} is empty`);
  if (!KEY_ID.test(id))
    throw invalid(`the ID of key ${position} must be 1 to 32 letters, digits, dots, dashes or underscores`);
  const bytes = decodeBase64(entry.slice(colon + 1).trim());
  if (bytes === null) throw invalid(`key "${id}" is not base64`);
  if (bytes.length !== KEY_BYTES) throw invalid(`key "${id}" has ${bytes.length} bytes instead of ${KEY_BYTES}`);
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return { id, key };
}

/** Decodes both base64 alphabets, with or without padding. Returns `null` for text that is not canonical base64. */
function decodeBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, "base64");
  const unpadded = (base64: string): string => base64.replace(/={1,2}$/, "");
  const canonical = unpadded(text.replaceAll("-", "+").replaceAll("_", "/"));
  return unpadded(bytes.toString("base64")) === canonical ? bytes : null;
}

function invalid(problem: string): GitHubSdkError {
  return new GitHubSdkError(
    "invalid_options",
    `encryptionKeys (GITHUB_TOKEN_ENCRYPTION_KEYS): ${problem}. ${HOW_TO_GENERATE}`,
  );
}
