import { isGitHubSdkError } from "@infrajet/github";
import { httpOptionsFromEnv } from "@infrajet/github/http";
import { SignJWT } from "jose";
import { describe, expect, it } from "vitest";

const SECRET = "a secret that is at least 32 characters long";
const ENV = { SUPABASE_JWT_SECRET: SECRET };

/** Returns the error message for an environment, which must not contain a value of it. */
function refusal(env: Readonly<Record<string, string>>): string {
  try {
    httpOptionsFromEnv(env);
  } catch (error) {
    if (!isGitHubSdkError(error, "invalid_options")) throw error;
    for (const value of Object.values(env)) if (value.length > 6) expect(error.message).not.toContain(value);
    return error.message;
  }
  throw new Error("The environment was accepted.");
}

describe("httpOptionsFromEnv", () => {
  it("returns an authenticator that accepts tokens of the configured secret and audience", async () => {
    const { authenticator } = httpOptionsFromEnv({ ...ENV, SUPABASE_JWT_AUDIENCE: "host" });
    const request = { method: "GET", path: "/", headers: {}, raw: null };
    const token = (audience: string) =>
      new SignJWT({})
        .setProtectedHeader({ alg: "HS256" })
        .setSubject("7")
        .setAudience(audience)
        .setExpirationTime("1h")
        .sign(new TextEncoder().encode(SECRET));
    const userOf = async (audience: string) =>
      authenticator.authenticate({ ...request, bearerToken: await token(audience) });
    expect(await userOf("host")).toMatchObject({ id: "7" });
    expect(await userOf("authenticated")).toBeNull();
  });

  it("returns the page after a login and the longest wait for a sync", () => {
    expect(httpOptionsFromEnv({ ...ENV, AFTER_CONNECT_URL: "/settings", SYNC_WAIT_SECONDS: "5" })).toMatchObject({
      afterConnectUrl: "/settings",
      syncWaitSeconds: 5,
    });
  });

  it("returns the cookie's attribute and the allowed origins", () => {
    const ALLOWED_ORIGINS = "https://app.example, https://admin.example,";
    expect(httpOptionsFromEnv({ ...ENV, SECURE_COOKIE: "false", ALLOWED_ORIGINS })).toMatchObject({
      secureCookie: false,
      allowedOrigins: ["https://app.example", "https://admin.example"],
    });
    expect(httpOptionsFromEnv(ENV)).not.toHaveProperty("secureCookie");
    expect(refusal({ ...ENV, SECURE_COOKIE: "sometimes" })).toContain("SECURE_COOKIE");
    expect(refusal({ ...ENV, ALLOWED_ORIGINS: "host.local" })).toContain("ALLOWED_ORIGINS");
  });

  it("treats empty variables as unset", () => {
    const options = httpOptionsFromEnv({
      ...ENV,
      AFTER_CONNECT_URL: " ",
      SUPABASE_JWKS_URL: "",
      SYNC_WAIT_SECONDS: "",
    });
    expect(Object.keys(options)).toEqual(["authenticator"]);
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ["SUPABASE_JWT_SECRET is missing", {}],
    ["SUPABASE_JWT_SECRET: must have at least 32 characters", { SUPABASE_JWT_SECRET: "too short" }],
    ["SUPABASE_JWT_SECRET cannot be combined", { ...ENV, SUPABASE_JWKS_URL: "https://host.example/jwks" }],
    ["SUPABASE_JWKS_URL: must be a URL", { SUPABASE_JWKS_URL: "ftp://host.example" }],
    ["AFTER_CONNECT_URL: must be a URL", { ...ENV, AFTER_CONNECT_URL: "//elsewhere.example" }],
    ["AFTER_CONNECT_URL: must be a URL", { ...ENV, AFTER_CONNECT_URL: "/\\elsewhere.example" }],
    ["SYNC_WAIT_SECONDS: must be a number of seconds", { ...ENV, SYNC_WAIT_SECONDS: "601" }],
  ])("says %j for %o", (message, env) => {
    expect(refusal(env)).toContain(message);
  });
});
