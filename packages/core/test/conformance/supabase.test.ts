import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { isGitHubSdkError } from "@infrajet/github";
import type { Authenticator } from "@infrajet/github/adapters";
import { supabaseAuthenticator } from "@infrajet/github/http";
import { authenticatorConformance, createManualClock } from "@infrajet/github-testing/conformance";
import { exportJWK, SignJWT } from "jose";
import { afterEach, describe, expect, it } from "vitest";

const SECRET = randomBytes(48).toString("base64");
const ISSUER = "https://project.supabase.co/auth/v1";
const [FIRST, SECOND] = [
  generateKeyPairSync("ec", { namedCurve: "P-256" }),
  generateKeyPairSync("ec", { namedCurve: "P-256" }),
];
const clock = createManualClock();

type Claims = Readonly<Record<string, unknown>>;

function signed(claims: Claims, header: { alg: string; kid?: string }, key: Parameters<SignJWT["sign"]>[0]) {
  const exp = Math.floor(clock.now() / 1000) + 3600;
  return new SignJWT({ aud: "authenticated", iss: ISSUER, exp, ...claims }).setProtectedHeader(header).sign(key);
}

const bySecret = (claims: Claims): Promise<string> => signed(claims, { alg: "HS256" }, Buffer.from(SECRET, "utf8"));
const byKey = (claims: Claims, kid = "first"): Promise<string> =>
  signed(claims, { alg: "ES256", kid }, (kid === "first" ? FIRST : SECOND).privateKey);

/** Supabase's page of keys, as a server of its own. */
class KeyServer {
  readonly #server: Server;
  requests = 0;
  answers: "keys" | "error" = "keys";

  private constructor() {
    this.#server = createServer(async (_request, response) => {
      this.requests += 1;
      if (this.answers === "error") return void response.writeHead(503).end("busy");
      const jwk = await exportJWK(FIRST.publicKey);
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ keys: [{ ...jwk, kid: "first", alg: "ES256", use: "sig" }] }));
    });
  }

  static async start(): Promise<KeyServer> {
    const keys = new KeyServer();
    await new Promise<void>((resolve) => keys.#server.listen(0, "127.0.0.1", resolve));
    return keys;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/jwks.json`;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

let keys: KeyServer | null = null;
afterEach(async () => {
  await keys?.close();
  keys = null;
});

const users = (token: (claims: Claims) => Promise<string>) =>
  Promise.all(["0d2c7d9e-1", "0d2c7d9e-2"].map(async (sub) => ({ id: sub, token: await token({ sub }) })));

describe("supabaseAuthenticator with a secret", () => {
  for (const { name, run } of authenticatorConformance) {
    it(name, () =>
      run(async () => {
        const [first, second] = await users(bySecret);
        if (first === undefined || second === undefined) throw new Error("two users");
        return { authenticator: supabaseAuthenticator({ jwtSecret: SECRET, clock }), users: [first, second] };
      }),
    );
  }

  it("accepts tokens until they expire, and only those of the configured audience and issuer", async () => {
    const authenticator = supabaseAuthenticator({ jwtSecret: SECRET, issuer: ISSUER, audience: "staff", clock });
    const userOf = async (claims: Claims) => authenticator.authenticate(request(await bySecret(claims)));
    const now = Math.floor(clock.now() / 1000);
    expect(await userOf({ sub: "7", aud: "staff" })).toMatchObject({ id: "7" });
    expect(await userOf({ sub: "7", aud: ["other", "staff"], exp: now + 1 })).toMatchObject({ id: "7" });
    for (const wrong of [
      ...[{ aud: "authenticated" }, { aud: "staff", exp: now }, { aud: "staff", exp: undefined }],
      ...[
        { aud: "staff", iss: "https://other.supabase.co/auth/v1" },
        { aud: "staff", iss: undefined },
      ],
      ...[
        { aud: "staff", sub: "" },
        { aud: "staff", sub: undefined },
        { aud: "staff", sub: 7 },
      ],
      { aud: "staff", nbf: now + 60 },
    ]) {
      expect(await userOf({ sub: "7", ...wrong }), JSON.stringify(wrong)).toBeNull();
    }
  });
});

describe("supabaseAuthenticator with published keys", () => {
  for (const { name, run } of authenticatorConformance) {
    it(name, () =>
      run(async () => {
        keys = await KeyServer.start();
        const [first, second] = await users(byKey);
        if (first === undefined || second === undefined) throw new Error("two users");
        return { authenticator: supabaseAuthenticator({ jwksUrl: keys.url, clock }), users: [first, second] };
      }),
    );
  }

  it("fetches the keys once, and rejects tokens that are signed with another key or with the public key as a secret", async () => {
    keys = await KeyServer.start();
    const authenticator = supabaseAuthenticator({ jwksUrl: keys.url, clock });
    expect(await userOf(authenticator, await byKey({ sub: "7" }))).toMatchObject({ id: "7" });
    expect(await userOf(authenticator, await byKey({ sub: "7" }, "second"))).toBeNull();
    expect(
      await userOf(authenticator, await signed({ sub: "7" }, { alg: "ES256", kid: "first" }, SECOND.privateKey)),
    ).toBeNull();
    const publicKey = FIRST.publicKey.export({ type: "spki", format: "pem" });
    const asSecret = await signed({ sub: "7" }, { alg: "HS256", kid: "first" }, Buffer.from(publicKey));
    expect(await userOf(authenticator, asSecret)).toBeNull();
    expect(keys.requests).toBe(1);
  });

  it("rejects while the key server is unreachable, and recovers afterwards", async () => {
    keys = await KeyServer.start();
    const authenticator = supabaseAuthenticator({ jwksUrl: keys.url, clock });
    const token = await byKey({ sub: "7" });
    keys.answers = "error";
    expect(await code(authenticator.authenticate(request(token)))).toBe("internal_error");
    keys.answers = "keys";
    expect(await userOf(authenticator, token)).toMatchObject({ id: "7" });
    const { url } = keys;
    await keys.close();
    expect(await code(supabaseAuthenticator({ jwksUrl: url, clock }).authenticate(request(token)))).toBe(
      "internal_error",
    );
  });
});

it("supabaseAuthenticator names an invalid option", () => {
  for (const [options, words] of [
    [{}, /pass exactly one of jwtSecret and jwksUrl/],
    [{ jwtSecret: SECRET, jwksUrl: "https://x.supabase.co" }, /pass exactly one of/],
    [{ jwtSecret: "short" }, /jwtSecret: must have at least 32 characters/],
    [{ jwksUrl: "ftp://x" }, /jwksUrl: must be a URL/],
    [{ jwtSecret: SECRET, audience: "" }, /audience/],
  ] as const) {
    expect(() => supabaseAuthenticator(options)).toThrow(words);
  }
});

/** The code that something fails with. */
function code(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    (value) => `it did not fail, but gave ${JSON.stringify(value)}`,
    (error: unknown) => (isGitHubSdkError(error) ? error.code : String(error)),
  );
}

function userOf(authenticator: Authenticator, token: string) {
  return authenticator.authenticate(request(token));
}

function request(bearerToken: string) {
  return { method: "GET", path: "/api/v1/github/connection/status", headers: {}, bearerToken, raw: null };
}
