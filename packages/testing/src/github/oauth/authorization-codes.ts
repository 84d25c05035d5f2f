import { createHash, randomBytes } from "node:crypto";
import type { Account } from "../accounts/account.js";
import { announceSecret } from "../secret-channel.js";
import type { OAuthClient } from "./oauth-client.js";

/** A user's authorization of an application. */
export interface Authorization {
  client: OAuthClient;
  user: Account;
  scopes: readonly string[];
  /** Redirect URI that the code was sent to. */
  redirectUri: string;
  /** PKCE challenge (RFC 7636): SHA-256 of the verifier in base64url; absent when the client sent none. */
  codeChallenge?: string;
}

/** Lifetime of a code in milliseconds. */
const LIFETIME = 10 * 60 * 1000;

/** Issued codes that have not been exchanged. A code works once, for ten minutes. */
export class AuthorizationCodes {
  private readonly waiting = new Map<string, { authorization: Authorization; expiresAt: number }>();

  constructor(private readonly clock: () => number) {}

  /** Issues a code for an authorization. */
  issue(authorization: Authorization): string {
    const code = announceSecret(randomBytes(10).toString("hex"));
    this.waiting.set(code, { authorization, expiresAt: this.clock() + LIFETIME });
    return code;
  }

  /** Returns the authorization of a code that was issued to `client` and has not expired. Does not use the code up. */
  find(code: string, client: OAuthClient): Authorization | undefined {
    const entry = this.waiting.get(code);
    if (entry === undefined || entry.expiresAt <= this.clock()) return undefined;
    return entry.authorization.client === client ? entry.authorization : undefined;
  }

  /** Uses a code up. */
  use(code: string): void {
    this.waiting.delete(code);
  }
}

/** True when a verifier matches the challenge (S256), or when there is no challenge. */
export function matchesChallenge({ codeChallenge }: Authorization, verifier: string | undefined): boolean {
  if (codeChallenge === undefined) return true;
  if (verifier === undefined) return false;
  return createHash("sha256").update(announceSecret(verifier)).digest("base64url") === codeChallenge;
}
