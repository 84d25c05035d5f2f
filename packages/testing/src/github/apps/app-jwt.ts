import { verify } from "node:crypto";
import * as z from "zod";
import { ApiError } from "../http/api-error.js";
import { announceSecret } from "../secret-channel.js";
import type { Apps } from "./apps.js";
import type { GitHubApp } from "./github-app.js";

/** Maximum number of seconds between now and `exp`. */
const LONGEST = 600;

const head = z.object({ alg: z.literal("RS256") });
const claims = z.object({ iss: z.unknown(), iat: z.unknown(), exp: z.unknown() });

/**
 * Returns the App that a JSON web token (RFC 7519, RS256) in an `Authorization` header authenticates. On the messages about
 * time, clients such as Octokit correct their clock by the `Date` header and retry.
 *
 * @throws ApiError with status 401 for an invalid token, or 404 for an unknown App
 * @see https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
 */
export function appOfJwt(apps: Apps, authorization: string | null, milliseconds: number): GitHubApp {
  const [, token = ""] = /^(?:bearer|token)\s+(.+)$/i.exec(authorization?.trim() ?? "") ?? [];
  const [header = "", payload = "", signature = "", ...rest] = token.split(".");
  const parsed = claims.safeParse(decode(payload));
  if (rest.length > 0 || !head.safeParse(decode(header)).success || !parsed.success) throw undecodable();
  const { iss, iat, exp } = parsed.data;
  if (typeof iss !== "string" && typeof iss !== "number") {
    throw unauthorized("'Issuer' claim ('iss') must be an Integer");
  }
  const app = apps.findByIssuer(iss);
  if (app === undefined) throw new ApiError(404, "Integration not found", { documentationUrl: DOCS });
  const isSigned = verify(
    "sha256",
    Buffer.from(`${header}.${payload}`),
    app.publicKey,
    Buffer.from(signature, "base64url"),
  );
  if (!isSigned) throw undecodable();
  announceSecret(token);
  checkTimes(iat, exp, milliseconds / 1000);
  return app;
}

const DOCS = "https://docs.github.com/rest";

function checkTimes(iat: unknown, exp: unknown, now: number): void {
  if (typeof iat !== "number" || !Number.isInteger(iat) || iat > now) {
    throw unauthorized(
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
    );
  }
  if (typeof exp !== "number" || exp <= now) {
    throw unauthorized(
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    );
  }
  if (exp > now + LONGEST) throw unauthorized("'Expiration time' claim ('exp') is too far in the future");
}

function decode(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString());
  } catch {
    return undefined;
  }
}

function undecodable(): ApiError {
  return unauthorized("A JSON web token could not be decoded");
}

function unauthorized(message: string): ApiError {
  return new ApiError(401, message, { documentationUrl: DOCS });
}
