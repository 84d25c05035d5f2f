import { isGitHubSdkError } from "@infrajet/github";
import { type JwtAuthenticatorOptions, jwtAuthenticator, supabaseAuthenticator } from "@infrajet/github/http";
import { SignJWT } from "jose";
import { describe, expect, it } from "vitest";

const jwtSecret = "a secret that is at least 32 characters long";

async function userOf(
  options: Partial<JwtAuthenticatorOptions>,
  claims: { aud?: string; iss?: string },
  create = jwtAuthenticator,
) {
  const token = new SignJWT({ ...claims, sub: "7" }).setProtectedHeader({ alg: "HS256" }).setExpirationTime("1h");
  const bearerToken = await token.sign(new TextEncoder().encode(jwtSecret));
  const request = { method: "GET", path: "/", headers: {}, raw: null, bearerToken };
  return create({ jwtSecret, ...options }).authenticate(request);
}

describe("jwtAuthenticator", () => {
  it("accepts tokens with the required audience and issuer only", async () => {
    const aud = "app";
    const iss = "https://login.example";
    expect(await userOf({ audience: aud }, { aud })).toMatchObject({ id: "7" });
    expect(await userOf({ issuer: iss }, { iss })).toMatchObject({ id: "7" });
    expect(await userOf({ audience: aud, issuer: iss }, { aud, iss })).toMatchObject({ id: "7" });
    expect(await userOf({ audience: aud, issuer: iss }, { aud })).toBeNull();
    expect(await userOf({ issuer: iss }, { iss: "https://other.example" })).toBeNull();
    expect(await userOf({ audience: aud }, { iss })).toBeNull();
  });

  it("refuses options that accept tokens for any service", () => {
    let error: unknown = null;
    try {
      jwtAuthenticator({ jwtSecret });
    } catch (caught) {
      error = caught;
    }
    expect(isGitHubSdkError(error, "invalid_options") && error.message).toContain("audience, issuer or both");
  });
});

describe("supabaseAuthenticator", () => {
  it("requires the audience of signed-in users by default", async () => {
    expect(await userOf({}, { aud: "authenticated" }, supabaseAuthenticator)).toMatchObject({ id: "7" });
    expect(await userOf({}, { aud: "anon" }, supabaseAuthenticator)).toBeNull();
    expect(await userOf({ audience: "host" }, { aud: "host" }, supabaseAuthenticator)).toMatchObject({ id: "7" });
  });
});
