import { createHash, privateEncrypt, sign } from "node:crypto";
import type { JwtToSign, SignJwt } from "@infrajet/github";
import { createGitHubSdk } from "@infrajet/github";
import { MemoryProjectFiles } from "@infrajet/github/memory";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AppFixture, MINT, MINUTE } from "./app-fixture.js";

/** The DER prefix of a SHA-256 digest in a signature (RFC 8017, 9.2). */
const DIGEST_INFO = Buffer.from("3031300d060960864801650304020105000420", "hex");

let fixture: AppFixture;
beforeEach(async () => {
  fixture = await AppFixture.create();
});
afterEach(() => fixture.close());

/** Starts an SDK whose App has no private key, and connects the user 7. */
async function start(signJwt: SignJwt, clock = fixture.clock) {
  const { id: appId, slug, clientId, clientSecret } = fixture.gitHubApp;
  await fixture.connect("7", "ann");
  return fixture.startSdk({
    clock,
    app: { appId, slug, clientId, clientSecret, signJwt, authorizeInstallation: async () => true },
  });
}

const claim = () => ({ userId: "7", installationId: fixture.acme.id });
const signWithKey: SignJwt = async ({ signingInput }) =>
  sign("sha256", Buffer.from(signingInput), fixture.gitHubApp.privateKey);

describe("app.signJwt", () => {
  it("signs the App's requests in place of a private key", async () => {
    const sdk = await start(signWithKey);
    expect((await sdk.app.token(claim())).permissions).toMatchObject({ contents: "write" });
    expect(await sdk.app.health()).toMatchObject({ status: "healthy", jwtGeneration: { ok: true } });
  });

  it("receives the digest, which a service signs with RSASSA-PKCS1-v1_5", async () => {
    const asked: JwtToSign[] = [];
    const sdk = await start(async (jwt) => {
      asked.push(jwt);
      return privateEncrypt(fixture.gitHubApp.privateKey, Buffer.concat([DIGEST_INFO, jwt.digest]));
    });
    await sdk.app.token(claim());
    const [jwt] = asked;
    expect(
      createHash("sha256")
        .update(jwt?.signingInput ?? "")
        .digest(),
    ).toEqual(Buffer.from(jwt?.digest ?? []));
    const [header = "", payload = ""] = (jwt?.signingInput ?? "").split(".");
    expect(JSON.parse(Buffer.from(header, "base64url").toString())).toEqual({ alg: "RS256", typ: "JWT" });
    expect(JSON.parse(Buffer.from(payload, "base64url").toString())).toMatchObject({ iss: fixture.gitHubApp.id });
  });

  it("is called once for concurrent requests and again after five minutes", async () => {
    let calls = 0;
    const sdk = await start((jwt) => {
      calls += 1;
      return signWithKey(jwt);
    });
    const { unchecked } = sdk.app;
    const repositories = ["infra"];
    const mint = (permissions: Record<string, string>) =>
      unchecked.credential({ installationId: fixture.acme.id, repositories, permissions }).token();
    await Promise.all([mint({ contents: "read" }), mint({ contents: "write" }), mint({ metadata: "read" })]);
    expect([calls, fixture.count(MINT)]).toEqual([1, 3]);
    fixture.clock.putForward(5 * MINUTE);
    await mint({ administration: "write" });
    expect(calls).toBe(2);
  });

  it("is called again after GitHub rejected the token", async () => {
    let calls = 0;
    const sdk = await start((jwt) => {
      calls += 1;
      return calls === 1 ? Promise.resolve(Buffer.alloc(256)) : signWithKey(jwt);
    });
    expect(await fixture.code(sdk.app.token(claim()))).toBe("app_misconfigured");
    await sdk.app.token(claim());
    expect(calls).toBe(2);
  });

  it.each<[string, SignJwt, RegExp]>([
    ["rejects", () => Promise.reject(new Error("Forbidden")), /`app\.signJwt` failed to sign/],
    ["returns a text", async () => "c2ln" as unknown as Uint8Array, /must return the bytes/],
    ["returns too few bytes", async () => new Uint8Array(32), /must return the bytes/],
  ])("fails with app_signing_failed when the hook %s", async (_name, signJwt, message) => {
    const sdk = await start(signJwt);
    const error = await fixture.failure(sdk.app.token(claim()));
    expect(error).toMatchObject({ code: "app_signing_failed", status: 500, message: expect.stringMatching(message) });
    expect(await sdk.app.health()).toMatchObject({
      status: "unhealthy",
      jwtGeneration: { ok: false },
      errors: [expect.stringMatching(message)],
    });
  });

  it("fails after ten seconds, and aborts the hook's signal", async () => {
    const { clock } = fixture;
    const sleep = (milliseconds: number, signal?: AbortSignal) =>
      milliseconds === 10_000 ? Promise.resolve() : clock.sleep(milliseconds, signal);
    const hanging: AbortSignal[] = [];
    const sdk = await start(
      ({ signal }) => {
        hanging.push(signal);
        return new Promise(() => {});
      },
      Object.assign(Object.create(clock), { sleep }),
    );
    const error = await fixture.failure(sdk.app.token(claim()));
    expect(error).toMatchObject({ code: "app_signing_failed", message: expect.stringContaining("10 seconds") });
    expect(hanging[0]?.aborted).toBe(true);
  });

  it("cannot be combined with privateKey, and one of them is required", () => {
    const create = (app: object) => () =>
      createGitHubSdk({ projectFiles: new MemoryProjectFiles(), app: { appId: 1, ...app } });
    const { privateKey } = fixture.gitHubApp;
    expect(create({ privateKey, signJwt: signWithKey })).toThrow(/signJwt: cannot be combined with privateKey/);
    expect(create({})).toThrow(/privateKey: is missing\. Set it, or set signJwt/);
    expect(create({ signJwt: "key" })).toThrow(/signJwt: must be a function/);
  });
});

/** The part of `CryptographyClient` of `@azure/keyvault-keys` that the documentation uses. */
interface VaultClient {
  sign(algorithm: "RS256", digest: Uint8Array, options: { abortSignal: AbortSignal }): Promise<{ result: Uint8Array }>;
}

it("app.signJwt fits Azure Key Vault as in the documentation", async () => {
  const vault: VaultClient = {
    sign: async (_algorithm, digest) => ({
      result: privateEncrypt(fixture.gitHubApp.privateKey, Buffer.concat([DIGEST_INFO, digest])),
    }),
  };
  const sdk = await start(async ({ digest, signal }) => {
    const { result } = await vault.sign("RS256", digest, { abortSignal: signal });
    return result;
  });
  expect(await sdk.app.health()).toMatchObject({ status: "healthy" });
});
