import { randomUUID } from "node:crypto";
import type { Account } from "../accounts.js";

/** Somebody at a browser. */
export interface Session {
  user: Account;
  /** Whether they say no when an application asks. */
  deny: boolean;
}

/** What a test says about people at their browsers and about how GitHub hands out tokens. */
export class IdentitySettings {
  /** Who uses a browser that has no cookie of ours. */
  signedIn: Session | undefined;
  /** What is granted of the scopes that were asked for; absent: all. */
  grantedScopes: ((asked: readonly string[]) => readonly string[]) | undefined;
  /** Logins whose primary address is not verified. */
  readonly unverifiedEmails = new Set<string>();
  private readonly sessions = new Map<string, Session>();

  /** Opens a browser of its own for somebody. Returns its cookie. */
  open(session: Session): string {
    const cookie = randomUUID();
    this.sessions.set(cookie, session);
    return cookie;
  }

  /** Closes such a browser. */
  close(cookie: string): void {
    this.sessions.delete(cookie);
  }

  session(cookie: string | undefined): Session | undefined {
    return (cookie === undefined ? undefined : this.sessions.get(cookie)) ?? this.signedIn;
  }
}
