import { createHash, randomBytes } from "node:crypto";
import type { Account } from "../accounts/account.js";
import { announceSecret } from "../secret-channel.js";
import type { OAuthClient } from "./oauth-client.js";

/** What a user agreed to. */
export interface Authorization {
  client: OAuthClient;
  user: Account;
  scopes: readonly string[];
  /** Where the code was sent. */
  redirectUri: string;
  /** PKCE (RFC 7636): base64url of the verifier's SHA-256; absent when the client sent none. */
  codeChallenge?: string;
}

/** How long a code lives (milliseconds). */
const LIFETIME = 10 * 60 * 1000;

/** Codes that were handed out and not yet exchanged: each works once, for ten minutes. */
export class AuthorizationCodes {
  private readonly waiting = new Map<string, { authorization: Authorization; expiresAt: number }>();

  constructor(private readonly clock: () => number) {}

  /** Makes a code for what the user agreed to. */
  issue(authorization: Authorization): string {
    const code = announceSecret(randomBytes(10).toString("hex"));
    this.waiting.set(code, { authorization, expiresAt: this.clock() + LIFETIME });
    return code;
  }

  /** What a code stands for; looking does not use it up. */
  find(code: string, client: OAuthClient): Authorization | undefined {
    const entry = this.waiting.get(code);
    if (entry === undefined || entry.expiresAt <= this.clock()) return undefined;
    return entry.authorization.client === client ? entry.authorization : undefined;
  }

  /** Makes a code worthless. */
  use(code: string): void {
    this.waiting.delete(code);
  }
}

/** Whether a verifier is the one that a challenge was made from (S256). Without a challenge everything is right. */
export function matchesChallenge({ codeChallenge }: Authorization, verifier: string | undefined): boolean {
  if (codeChallenge === undefined) return true;
  if (verifier === undefined) return false;
  return createHash("sha256").update(announceSecret(verifier)).digest("base64url") === codeChallenge;
}
