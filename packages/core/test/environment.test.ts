import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createGitHubSdk, type GitHubSdk, isGitHubSdkError, optionsFromEnv } from "@infrajet/github";
import { MemoryProjectFiles } from "@infrajet/github/memory";
import { afterEach, describe, expect, it } from "vitest";

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const PKCS1 = rsa.export({ type: "pkcs1", format: "pem" }).toString();
const PKCS8 = rsa.export({ type: "pkcs8", format: "pem" }).toString();
const ENCRYPTED = rsa.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "p" }).toString();
const elliptic = generateKeyPairSync("ec", { namedCurve: "P-256" });
const EC = elliptic.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const PUBLIC = elliptic.publicKey.export({ type: "spki", format: "pem" }).toString();
const KEYS = `k1:${randomBytes(32).toString("base64")}`;

const APP = { GITHUB_APP_ID: "42", GITHUB_PRIVATE_KEY: PKCS1 };
const CLIENT = { GITHUB_CLIENT_ID: "Iv1.client", GITHUB_CLIENT_SECRET: "app-client-secret" };
const OAUTH = { GITHUB_OAUTH_CLIENT_ID: "Ov1.client", GITHUB_OAUTH_CLIENT_SECRET: "oauth-client-secret" };
const EVERYTHING = {
  ...APP,
  ...CLIENT,
  ...OAUTH,
  GITHUB_API_URL: "https://github.example/api/v3",
  GITHUB_SERVER_URL: "https://github.example",
  GITHUB_APP_NAME: "sync-it",
  GITHUB_REDIRECT_URI: "https://host.example/callback",
  GITHUB_WEBHOOK_SECRET: "new-secret, old-secret",
  GITHUB_TOKEN_ENCRYPTION_KEYS: KEYS,
};

type Env = Readonly<Record<string, string | undefined>>;

const sdks: GitHubSdk[] = [];
afterEach(async () => {
  for (const sdk of sdks.splice(0)) await sdk.close();
});

function start(env: Env): GitHubSdk {
  const sdk = createGitHubSdk({ ...optionsFromEnv(env), projectFiles: new MemoryProjectFiles() });
  sdks.push(sdk);
  return sdk;
}

/** Returns the error message for an environment, and checks that no error text contains a value of it. */
function refusal(env: Env, use: (env: Env) => unknown = optionsFromEnv): string {
  try {
    use(env);
  } catch (error) {
    if (!isGitHubSdkError(error, "invalid_options")) throw error;
    const told = `${error.message}\n${error.stack}\n${JSON.stringify(error)}\n${String(error.cause)}`;
    for (const value of Object.values(env)) {
      if (value !== undefined && value.length > 6) expect(told).not.toContain(value);
    }
    return error.message;
  }
  throw new Error("The environment was accepted.");
}

describe("optionsFromEnv", () => {
  it("returns no options for an empty environment, or for empty variables", () => {
    const empty = Object.fromEntries(
      Object.keys(EVERYTHING).map((name, index) => [name, index % 2 === 0 ? "" : " \n"]),
    );
    for (const env of [{}, { PATH: "/bin", HOME: undefined }, empty]) expect(optionsFromEnv(env)).toEqual({});
  });

  it("returns every option that is set, trimmed", () => {
    const padded = Object.fromEntries(Object.entries(EVERYTHING).map(([name, value]) => [name, ` ${value}\n`]));
    expect(optionsFromEnv(padded)).toEqual({
      apiUrl: "https://github.example/api/v3",
      serverUrl: "https://github.example",
      redirectUri: "https://host.example/callback",
      encryptionKeys: KEYS,
      oauth: { clientId: "Ov1.client", clientSecret: "oauth-client-secret" },
      app: {
        appId: 42,
        privateKey: PKCS1.trim(),
        slug: "sync-it",
        clientId: "Iv1.client",
        clientSecret: "app-client-secret",
        webhookSecrets: ["new-secret", "old-secret"],
      },
    });
  });

  it("uses GITHUB_CLIENT_ID for an OAuth App when no GitHub App is configured", () => {
    expect(optionsFromEnv(CLIENT)).toEqual({ oauth: { clientId: "Iv1.client", clientSecret: "app-client-secret" } });
    expect(optionsFromEnv({ ...APP, ...CLIENT })).toMatchObject({ app: { clientId: "Iv1.client" } });
    expect(optionsFromEnv({ ...APP, ...CLIENT })).not.toHaveProperty("oauth");
    expect(optionsFromEnv({ ...CLIENT, ...OAUTH })).toMatchObject({ oauth: { clientId: "Ov1.client" } });
  });

  it.each([
    ["development", {}, true],
    ["test", { GITHUB_WEBHOOK_SECRET: " , " }, true],
    ["test", { GITHUB_WEBHOOK_SECRET: "secret" }, false],
    ["production", {}, false],
    ["staging", {}, false],
    [undefined, {}, false],
  ])("accepts unsigned webhooks only in development and test: NODE_ENV is %s with %o", (mode, secret, isAllowed) => {
    const { app } = optionsFromEnv({ ...APP, ...secret, NODE_ENV: mode });
    expect(app?.allowUnsignedWebhooks ?? false).toBe(isAllowed);
  });

  it("reads process.env by default", () => {
    process.env.GITHUB_OAUTH_CLIENT_ID = "Ov1.process";
    process.env.GITHUB_OAUTH_CLIENT_SECRET = "secret-of-the-process";
    try {
      expect(optionsFromEnv()).toMatchObject({ oauth: { clientId: "Ov1.process" } });
    } finally {
      delete process.env.GITHUB_OAUTH_CLIENT_ID;
      delete process.env.GITHUB_OAUTH_CLIENT_SECRET;
    }
  });
});

describe("optionsFromEnv, for an invalid environment", () => {
  it.each<[string, Env, string]>([
    ["GITHUB_CLIENT_SECRET", { GITHUB_CLIENT_ID: "Iv1.client" }, "GITHUB_CLIENT_ID"],
    ["GITHUB_CLIENT_ID", { GITHUB_CLIENT_SECRET: "secret-value" }, "GITHUB_CLIENT_SECRET"],
    ["GITHUB_CLIENT_SECRET", { ...APP, GITHUB_CLIENT_ID: "Iv1.client" }, "GITHUB_CLIENT_ID"],
    ["GITHUB_OAUTH_CLIENT_SECRET", { GITHUB_OAUTH_CLIENT_ID: "Ov1.client" }, "GITHUB_OAUTH_CLIENT_ID"],
    ["GITHUB_OAUTH_CLIENT_ID", { GITHUB_OAUTH_CLIENT_SECRET: "secret-value" }, "GITHUB_OAUTH_CLIENT_SECRET"],
    ["GITHUB_PRIVATE_KEY", { GITHUB_APP_ID: "42" }, "GITHUB_APP_ID"],
    ["GITHUB_APP_ID", { GITHUB_PRIVATE_KEY: PKCS1 }, "GITHUB_PRIVATE_KEY"],
    ["GITHUB_APP_ID", { GITHUB_APP_NAME: "sync-it" }, "GITHUB_APP_NAME"],
    ["GITHUB_APP_ID", { GITHUB_WEBHOOK_SECRET: "secret-value" }, "GITHUB_WEBHOOK_SECRET"],
    ["GITHUB_APP_ID", { ...APP, GITHUB_APP_ID: "" }, "GITHUB_PRIVATE_KEY"],
  ])("names the missing variable %s", (absent, env, given) => {
    expect(refusal(env)).toBe(`${absent} is missing. It is required together with ${given}.`);
  });

  it.each([
    ["GITHUB_API_URL", "api.github.example"],
    ["GITHUB_API_URL", "ftp://github.example"],
    ["GITHUB_SERVER_URL", "javascript:alert(1)"],
    ["GITHUB_REDIRECT_URI", "https://:99999"],
    ["GITHUB_APP_ID", "Iv23liABCDEFGH"],
    ["GITHUB_APP_ID", "0"],
    ["GITHUB_APP_ID", "-4242424"],
    ["GITHUB_APP_NAME", "https://github.com/apps/sync-it"],
    ["GITHUB_APP_NAME", "Sync It!"],
  ])("rejects %s with the value %j, without repeating the value", (name, value) => {
    expect(refusal({ ...APP, [name]: value })).toMatch(new RegExp(`^${name}: must be `));
  });

  it("names all invalid variables in one error", () => {
    const words = refusal({ ...APP, GITHUB_API_URL: "nowhere-at-all", GITHUB_APP_ID: "not-a-number" });
    expect(words).toContain("GITHUB_API_URL");
    expect(words).toContain("GITHUB_APP_ID");
  });
});

describe("GITHUB_PRIVATE_KEY", () => {
  const escaped = (text: string): string => text.replaceAll("\n", "\\n");

  it.each([
    ["in PKCS#1, as GitHub issues it", PKCS1],
    ["in PKCS#8", PKCS8],
    ["with escaped newlines", escaped(PKCS1)],
    ["with escaped Windows newlines", PKCS8.replaceAll("\n", "\\r\\n")],
    ["with Windows newlines", PKCS1.replaceAll("\n", "\r\n")],
    ["with quotes around it", `"${escaped(PKCS1)}"`],
    ["in base64", Buffer.from(PKCS1).toString("base64")],
    ["in base64 of several lines", Buffer.from(PKCS8).toString("base64").replace(/.{76}/g, "$&\n")],
    ["without the last newline", PKCS1.trim()],
  ])("is accepted as a key %s", async (_name, key) => {
    const sdk = start({ ...APP, GITHUB_API_URL: "http://127.0.0.1:1/", GITHUB_PRIVATE_KEY: key });
    expect(await sdk.app.health()).toMatchObject({
      status: "degraded",
      configuration: { ok: true },
      jwtGeneration: { ok: true },
    });
  });

  it.each(["./key.pem", "/run/secrets/github", "~/app.private-key.pem", "C:\\keys\\new.pem", "file:///k", "app.pem"])(
    "is rejected when it is the file path %j",
    (path) => {
      const words = refusal({ ...APP, GITHUB_PRIVATE_KEY: path }, start);
      expect(words).toContain("GITHUB_PRIVATE_KEY");
      expect(words).toContain("is a file path");
      expect(words).toContain('GITHUB_PRIVATE_KEY="$(cat private-key.pem)"');
    },
  );

  it.each([
    ["an elliptic curve key", EC],
    ["a public key", PUBLIC],
    ["an encrypted key", ENCRYPTED],
    ["a truncated key", PKCS1.slice(0, 400)],
    ["arbitrary text", "correct-horse-battery-staple"],
    ["a webhook secret in base64", Buffer.from("correct horse battery staple").toString("base64")],
  ])("is rejected when it is %s, without repeating it", (_name, key) => {
    const words = refusal({ ...APP, GITHUB_PRIVATE_KEY: key }, start);
    expect(words).toContain("GITHUB_PRIVATE_KEY");
    expect(words).toContain("not an RSA private key in PEM format");
    for (const line of key.split("\n").filter((text) => text.length > 20)) expect(words).not.toContain(line);
  });
});

describe("GITHUB_OAUTH_SCOPES", () => {
  const scopesOf = async (env: Readonly<Record<string, string>>): Promise<string | null> => {
    const { url } = await start({ ...EVERYTHING, ...env }).connections.authorize({ userId: "7" });
    return new URL(url).searchParams.get("scope");
  };

  it("changes the scopes that the OAuth App requests", async () => {
    expect(await scopesOf({})).toBe("repo workflow read:user user:email");
    expect(await scopesOf({ GITHUB_OAUTH_SCOPES: "" })).toBe("repo workflow read:user user:email");
    expect(await scopesOf({ GITHUB_OAUTH_SCOPES: " public_repo, read:user,, " })).toBe("public_repo read:user");
  });

  it("rejects a scope that is not one", () => {
    expect(() => start({ ...EVERYTHING, GITHUB_OAUTH_SCOPES: "repo workflow" })).toThrow(/scopes/);
  });
});

describe("createGitHubSdk with optionsFromEnv", () => {
  it("uses the configured client, server URL and App slug", async () => {
    const sdk = start(EVERYTHING);
    const { url } = await sdk.connections.authorize({ userId: "7" });
    expect(url).toMatch(/^https:\/\/github\.example\/login\/oauth\/authorize\?client_id=Ov1\.client&/);
    expect((await sdk.app.installUrl({ userId: "7" })).installationUrl).toBe(
      "https://github.example/apps/sync-it/installations/new",
    );
  });

  it.each([
    ["an OAuth App", OAUTH],
    ["a GitHub App's client", { ...APP, ...CLIENT }],
  ])("requires an encryption key for %s, and says how to generate one", (_name, env) => {
    for (const keys of [undefined, "", "  "]) {
      const words = refusal({ ...env, GITHUB_TOKEN_ENCRYPTION_KEYS: keys }, start);
      expect(words).toContain("GITHUB_TOKEN_ENCRYPTION_KEYS");
      expect(words).toMatch(/Generate a key with: node -e .*randomBytes\(32\)/);
    }
  });

  it("rejects an encryption key of the wrong length", () => {
    const broken = { ...OAUTH, GITHUB_TOKEN_ENCRYPTION_KEYS: `k1:${randomBytes(16).toString("base64")}` };
    expect(refusal(broken, start)).toContain("16 bytes");
  });

  it("requires no encryption key when no user can connect an account", () => {
    expect(() => start(APP)).not.toThrow();
  });

  it("requires auth, oauth or app", () => {
    expect(refusal({}, start)).toContain("auth is missing");
  });
});
