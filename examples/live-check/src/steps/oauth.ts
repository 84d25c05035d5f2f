import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import type { Json } from "../exchange.js";
import type { Step } from "../step.js";
import type { OAuthAccess, Target, TargetResponse } from "../target.js";

const tokenSchema = z.object({ access_token: z.string(), refresh_token: z.string().optional() });

/** Exchanges codes with PKCE, refreshes, checks and revokes tokens. */
export const oauth: Step = {
  number: 12,
  title: "OAuth",
  skip: (service) => (service.oauth === null ? "GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET are not set" : null),
  run: async (target) => {
    const access = target.service.oauth;
    if (access === null) return;
    const wrong = await authorized(target, access);
    await exchange(target, access, "wrong verifier", {
      ...wrong,
      code_verifier: randomBytes(32).toString("base64url"),
    });
    const right = await authorized(target, access);
    const exchanged = await exchange(target, access, "exchange", right);
    await exchange(target, access, "the same code again", right);
    const plain = await authorized(target, access, false);
    await exchange(target, access, "unexpected verifier", {
      ...plain,
      code_verifier: randomBytes(32).toString("base64url"),
    });
    await exchange(target, access, "unknown code", { code: "0".repeat(20), redirect_uri: access.redirectUri });
    const token = tokenSchema.parse(exchanged.body);
    if (token.refresh_token !== undefined) {
      const body = { grant_type: "refresh_token", refresh_token: token.refresh_token };
      const refreshed = await exchange(target, access, "refresh", body);
      await exchange(target, access, "the same refresh token again", body);
      await checkTokens(target, access, tokenSchema.parse(refreshed.body).access_token);
    } else await checkTokens(target, access, token.access_token);
  },
};

/** Authorizes with PKCE or without. Returns the members of the exchange. */
async function authorized(target: Target, access: OAuthAccess, hasChallenge = true): Promise<Record<string, string>> {
  const verifier = randomBytes(32).toString("base64url");
  const url = new URL(`${target.service.serverUrl}/login/oauth/authorize`);
  url.searchParams.set("client_id", access.clientId);
  url.searchParams.set("redirect_uri", access.redirectUri);
  url.searchParams.set("state", randomBytes(16).toString("base64url"));
  if (hasChallenge) {
    url.searchParams.set("code_challenge", createHash("sha256").update(verifier).digest("base64url"));
    url.searchParams.set("code_challenge_method", "S256");
  }
  const code = await access.authorize(url.href);
  return { code, redirect_uri: access.redirectUri, ...(hasChallenge ? { code_verifier: verifier } : {}) };
}

function exchange(
  target: Target,
  access: OAuthAccess,
  label: string,
  body: Record<string, string>,
): Promise<TargetResponse> {
  const { clientId, clientSecret } = access;
  const url = `${target.service.serverUrl}/login/oauth/access_token`;
  const credentials = { client_id: clientId, client_secret: clientSecret };
  return target.rest(
    label,
    "POST",
    url,
    { ...credentials, ...body },
    {
      authorization: null,
      headers: { accept: "application/json", "content-type": "application/json" },
    },
  );
}

/** Checks and deletes a token as the application, with right and wrong credentials. */
async function checkTokens(target: Target, access: OAuthAccess, token: string): Promise<void> {
  const basic = (secret: string): string => `Basic ${Buffer.from(`${access.clientId}:${secret}`).toString("base64")}`;
  const at = `/applications/${access.clientId}/token`;
  const body: Json = { access_token: token };
  const right = { authorization: basic(access.clientSecret) };
  await target.rest("check", "POST", at, body, right);
  await target.rest("check with a wrong secret", "POST", at, body, { authorization: basic("wrong") });
  await target.rest("check at an unknown client", "POST", "/applications/Iv1.0000000000000000/token", body, right);
  await target.rest("delete with a wrong secret", "DELETE", at, body, { authorization: basic("wrong") });
  await target.rest("delete", "DELETE", at, body, right);
  await target.rest("delete a dead token", "DELETE", at, body, right);
  const dead = await target.rest("check a dead token", "POST", at, body, right);
  target.settle("Check of a dead token", `status ${dead.status}`);
}
