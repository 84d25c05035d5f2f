import { randomUUID } from "node:crypto";
import type { Account } from "../accounts/account.js";

/** Somebody at a browser. */
export interface Session {
  user: Account;
  /** Whether they say no when an application asks. */
  deny: boolean;
  /** What they choose on an App's installation page; default: all repositories of their own account. */
  choice?: { account?: string; repositories?: "all" | readonly string[] };
}

/** What a test says about people at their browsers and about how GitHub hands out tokens. */
export class IdentitySettings {
  /** Who uses a browser that has no cookie of ours. */
  signedIn: Session | undefined;
  /** What is granted of the scopes that were asked for; absent: all. */
  grantedScopes: ((asked: readonly string[]) => readonly string[]) | undefined;
  /** Logins whose primary address is not verified. */
  readonly unverifiedEmails = new Set<string>();
  /** How long fresh installation tokens are answered with 401, as GitHub's replicas may. */
  tokenLag: { requests?: number; milliseconds?: number } = {};
  /** Whether new installation tokens have the long form that carries a JWT. */
  statelessTokens = true;
  /** Whether an installation on selected repositories reaches those that it makes. */
  createdRepositoriesJoin = true;
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
