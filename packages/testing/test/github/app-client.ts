import { sign } from "node:crypto";
import type { GitHubApp, GitHubBox } from "../../src/index.js";
import { type Api, apiClient } from "./api-client.js";

/** Creates a JWT (RS256). */
export function signJwt(
  claims: Record<string, unknown>,
  privateKey: string,
  header: object = { alg: "RS256" },
): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const content = `${part({ typ: "JWT", ...header })}.${part(claims)}`;
  return `${content}.${sign("sha256", Buffer.from(content), privateKey).toString("base64url")}`;
}

/** Creates an API client that authenticates as an App. */
export function appClient(box: GitHubBox, app: GitHubApp, now: () => number = Date.now): Api {
  return (...request) => {
    const seconds = Math.floor(now() / 1000);
    const jwt = signJwt({ iss: app.clientId, iat: seconds - 60, exp: seconds + 540 }, app.privateKey);
    return apiClient(box, jwt)(...request);
  };
}
