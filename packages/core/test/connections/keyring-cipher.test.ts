import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { tokenCipherConformance } from "@infrajet/github-testing/conformance";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseKeyring } from "../../src/connections/keyring.js";
import { keyringCipher } from "../../src/connections/keyring-cipher.js";
import { isGitHubSdkError } from "../../src/errors.js";

const newKey = (): string => randomBytes(32).toString("base64");

describe("keyringCipher", () => {
  for (const { name, run } of tokenCipherConformance) {
    it(name, () =>
      run(() => {
        const keys = `old:${newKey()}`;
        return {
          cipher: keyringCipher(keys),
          rotated: () => keyringCipher(`new:${newKey()},${keys}`),
          stranger: () => keyringCipher(`other:${newKey()}`),
        };
      }),
    );
  }

  it("does not decrypt with a different key of the same ID", async () => {
    const context = { owner: "a", field: "b" };
    const encrypted = await keyringCipher(`k1:${newKey()}`).encrypt("text", context);
    await expect(keyringCipher(`k1:${newKey()}`).decrypt(encrypted, context)).rejects.toMatchObject({
      code: "store_failed",
    });
  });

  it("binds owner and field, so that no other split of the same characters decrypts", async () => {
    const cipher = keyringCipher(`k1:${newKey()}`);
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string(), fc.nat(), async (owner, field, cut) => {
        const joined = owner + field;
        const other = { owner: joined.slice(0, cut), field: joined.slice(cut) };
        const encrypted = await cipher.encrypt("text", { owner, field });
        const opened = await cipher.decrypt(encrypted, other).catch((error: unknown) => error);
        if (other.owner === owner && other.field === field) expect(opened).toBe("text");
        else expect(isGitHubSdkError(opened, "store_failed")).toBe(true);
      }),
    );
  });

  it("encrypts to version, nonce and ciphertext with tag", async () => {
    const { keyId, text } = await keyringCipher(`k1:${newKey()}`).encrypt("abc", { owner: "a", field: "b" });
    expect(keyId).toBe("k1");
    const [version, nonce = "", sealed = ""] = text.split(".");
    expect(version).toBe("v1");
    expect(Buffer.from(nonce, "base64url")).toHaveLength(12);
    expect(Buffer.from(sealed, "base64url")).toHaveLength(3 + 16);
  });
});

describe("parseKeyring", () => {
  it("keeps the order of the keys, and accepts spaces, line breaks and base64url", () => {
    const bytes = Buffer.alloc(32, 0xfb);
    const keyring = parseKeyring(` k2:${newKey()} ,\n k1: ${bytes.toString("base64url")}\n`);
    expect(keyring.map(({ id }) => id)).toEqual(["k2", "k1"]);
    expect(keyring[1]?.key.export()).toEqual(bytes);
  });

  it.each([
    ["", "no key is given"],
    ["  ", "no key is given"],
    [`:${newKey()}`, "the ID of key 1 is empty"],
    [newKey(), "key 1 has no ID"],
    [`k1:${newKey()},`, "key 2 has no ID"],
    [`k 1:${newKey()}`, "the ID of key 1 must be"],
    ["k1:", 'key "k1" has 0 bytes instead of 32'],
    [`k1:${randomBytes(31).toString("base64")}`, 'key "k1" has 31 bytes instead of 32'],
    [`k1:${randomBytes(33).toString("base64")}`, 'key "k1" has 33 bytes instead of 32'],
    ["k1:it's not base64", 'key "k1" is not base64'],
    [`k1:${newKey()},k1:${newKey()}`, 'the key ID "k1" is used twice'],
  ])("rejects invalid keys with the problem and the command that generates a key (%#)", (text, problem) => {
    const error = thrownBy(() => parseKeyring(text));
    expect(isGitHubSdkError(error, "invalid_options")).toBe(true);
    expect(String(error)).toContain(problem);
    expect(String(error)).toContain("randomBytes(32)");
  });

  it("repeats no key material in errors or when printed", () => {
    const key = newKey();
    for (const text of [
      key,
      `${key}:k1`,
      `${Buffer.from(key, "base64").toString("base64url")}:k1`,
      `k1:${key}x`,
      `k1:${key},k1:${key}`,
      `:${key}`,
      `k1:${key},${key}`,
    ]) {
      const shown = inspect(thrownBy(() => parseKeyring(text)));
      for (const part of [key, Buffer.from(key, "base64").toString("base64url")]) {
        expect(shown).not.toContain(part.slice(0, 20));
      }
    }
    const keyring = parseKeyring(`k1:${key}`);
    expect(inspect([keyring, keyringCipher(keyring)], { depth: 10, showHidden: true })).not.toContain(key.slice(0, 20));
    expect(JSON.stringify(keyring)).not.toContain(key.slice(0, 20));
  });
});

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error("Nothing was thrown.");
}
