import { randomUUID } from "node:crypto";
import type { Account } from "../accounts/account.js";

/** A browser session. */
export interface Session {
  user: Account;
  /** True when the user denies authorizations and installations. */
  deny: boolean;
  /** True for a session of a browser, whose user decides on pages with buttons. Otherwise the box decides by `deny` and `choice`. */
  isInteractive: boolean;
  /** Hidden field of all forms. */
  formToken: string;
  /** The user's choice on an App's installation page. Defaults to all repositories of the user's own account. */
  choice?: { account?: string; repositories?: "all" | readonly string[] };
}

/** The sessions of a box and its settings for OAuth and installation tokens. */
export class IdentitySettings {
  /** The session of requests without a session cookie. */
  signedIn: Session | undefined;
  /** Returns the granted scopes for the requested ones. Defaults to all of them. */
  grantedScopes: ((asked: readonly string[]) => readonly string[]) | undefined;
  /** Logins whose primary email address is not verified. */
  readonly unverifiedEmails = new Set<string>();
  /** Seconds that a device must wait between two requests for its token. */
  deviceInterval = 5;
  /** Number of requests or milliseconds for which new installation tokens are rejected, as by GitHub's replicas. */
  tokenLag: { requests?: number; milliseconds?: number } = {};
  /** True when new installation tokens have the long format that contains a JWT. */
  statelessTokens = true;
  /** True when an installation on selected repositories gets access to the repositories that it creates. */
  createdRepositoriesJoin = true;
  private readonly sessions = new Map<string, Session>();

  /** Opens a session in which the box decides for the user. Returns the value of its cookie. */
  open(session: Pick<Session, "user" | "deny" | "choice">): string {
    return this.add({ ...session, isInteractive: false, formToken: randomUUID() });
  }

  /** Opens a session of a browser. Returns the value of its cookie. */
  openInteractive(user: Account): string {
    return this.add({ user, deny: false, isInteractive: true, formToken: randomUUID() });
  }

  /** Sets the user of requests without a session cookie, for whom the box decides. */
  signIn(user: Account, deny: boolean): void {
    this.signedIn = { user, deny, isInteractive: false, formToken: randomUUID() };
  }

  /** Closes a session. */
  close(cookie: string): void {
    this.sessions.delete(cookie);
  }

  private add(session: Session): string {
    const cookie = randomUUID();
    this.sessions.set(cookie, session);
    return cookie;
  }

  /** Returns the session of a cookie, or the one of the signed-in user. */
  session(cookie: string | undefined): Session | undefined {
    return (cookie === undefined ? undefined : this.sessions.get(cookie)) ?? this.signedIn;
  }
}
