import assert from "node:assert/strict";
import type { TokenCipher } from "@infrajet/github/adapters";
import { assertFails, type ConformanceCase, type ConformanceSubject, conformanceCase } from "./conformance-case.js";

/** A cipher with at least one key. */
export interface TokenCipherSubject extends ConformanceSubject {
  readonly cipher: TokenCipher;
  /** Returns a cipher with a new primary key and all old keys. It may be the same cipher, changed. */
  rotated(): Promise<TokenCipher> | TokenCipher;
  /** Returns a cipher without any of the keys. */
  stranger(): Promise<TokenCipher> | TokenCipher;
}

const cipher = (
  name: string,
  test: (cipher: TokenCipher, subject: TokenCipherSubject) => Promise<void>,
): ConformanceCase<TokenCipherSubject> => conformanceCase(name, (subject) => test(subject.cipher, subject));

const CONTEXT = { owner: '["https://api.github.com","7"]', field: "oauth.access_token" };
// Long enough not to occur in random text.
const BEGINNING = "ghs_1234_";
const TOKEN = `${BEGINNING}${"eyJhbGciOiJSUzI1NiJ9.".repeat(40)}`;

/** The conformance cases for a `TokenCipher`. */
export const tokenCipherConformance: readonly ConformanceCase<TokenCipherSubject>[] = [
  cipher("decrypt returns every encrypted text unchanged", async (cipher) => {
    for (const text of [TOKEN, "", "a", "\u{1f511} \u00e9\n\u0000", "x".repeat(20_000)]) {
      assert.equal(await cipher.decrypt(await cipher.encrypt(text, CONTEXT), CONTEXT), text);
    }
  }),

  cipher("encrypt returns a different text each time, which does not contain the original", async (cipher) => {
    const seen = new Set<string>();
    for (let round = 0; round < 50; round += 1) seen.add((await cipher.encrypt(TOKEN, CONTEXT)).text);
    assert.equal(seen.size, 50);
    for (const text of seen) {
      assert.ok(!text.includes(BEGINNING));
      for (const encoding of ["base64", "base64url", "hex"] as const) {
        assert.ok(!Buffer.from(text, encoding).toString("latin1").includes(BEGINNING));
      }
    }
  }),

  cipher("decrypt fails for another owner or field", async (cipher) => {
    const encrypted = await cipher.encrypt(TOKEN, CONTEXT);
    for (const context of [
      { ...CONTEXT, owner: `${CONTEXT.owner} ` },
      { ...CONTEXT, owner: CONTEXT.owner.toUpperCase() },
      { ...CONTEXT, field: "oauth.refresh_token" },
      { owner: CONTEXT.field, field: CONTEXT.owner },
      { owner: "", field: "" },
      { owner: `${CONTEXT.owner}o`, field: CONTEXT.field.slice(1) },
      { owner: `${CONTEXT.owner},${CONTEXT.field}`, field: "" },
    ]) {
      await assertFails(cipher.decrypt(encrypted, context), "store_failed");
    }
  }),

  cipher("decrypt fails for a text that was changed at any position", async (cipher) => {
    const { keyId, text } = await cipher.encrypt("ghu_short", CONTEXT);
    for (let index = 0; index < text.length; index += 1) {
      const other = text[index] === "A" ? "B" : "A";
      const altered = `${text.slice(0, index)}${other}${text.slice(index + 1)}`;
      await assertFails(cipher.decrypt({ keyId, text: altered }, CONTEXT), "store_failed");
    }
    for (const altered of ["", text.slice(1), text.slice(0, -1), `${text}A`, `${text}AAAA`, text.slice(0, 8)]) {
      await assertFails(cipher.decrypt({ keyId, text: altered }, CONTEXT), "store_failed");
    }
  }),

  cipher("decrypt fails for an unknown key", async (cipher, subject) => {
    const encrypted = await cipher.encrypt(TOKEN, CONTEXT);
    await assertFails(cipher.decrypt({ ...encrypted, keyId: `${encrypted.keyId}x` }, CONTEXT), "store_failed");
    await assertFails(cipher.decrypt({ ...encrypted, keyId: "__proto__" }, CONTEXT), "store_failed");
    await assertFails((await subject.stranger()).decrypt(encrypted, CONTEXT), "store_failed");
  }),

  cipher("decrypt throws errors that do not contain the encrypted text", async (cipher) => {
    const encrypted = await cipher.encrypt("ghu_secretsecret", CONTEXT);
    const thrown = await cipher.decrypt(encrypted, { ...CONTEXT, owner: "another" }).catch((error: unknown) => error);
    assert.ok(thrown instanceof Error);
    assert.ok(!`${thrown.message}${thrown.stack}${JSON.stringify(thrown)}`.includes(encrypted.text));
  }),

  cipher("decrypt and needsReencryption support texts of an old key after a key rotation", async (cipher, subject) => {
    const old = await cipher.encrypt(TOKEN, CONTEXT);
    assert.equal(cipher.needsReencryption(old), false);
    const rotated = await subject.rotated();
    assert.equal(await rotated.decrypt(old, CONTEXT), TOKEN);
    assert.equal(rotated.needsReencryption(old), true);
    const reencrypted = await rotated.encrypt(TOKEN, CONTEXT);
    assert.notEqual(reencrypted.keyId, old.keyId);
    assert.equal(rotated.needsReencryption(reencrypted), false);
    assert.equal(await rotated.decrypt(reencrypted, CONTEXT), TOKEN);
    await assertFails(rotated.decrypt({ ...reencrypted, keyId: old.keyId }, CONTEXT), "store_failed");
  }),
];
