import { randomBytes } from "node:crypto";
import { announceSecret } from "../secret-channel.js";
import type { Account, Permissions } from "./account.js";
import type { Credential, TokenKind } from "./credential.js";
import { type Profile, profileOf } from "./profile.js";

/** The options of a new token. */
export interface TokenOptions {
  /** The user, or for an installation the account that the App is installed on. Created as a user if it does not exist. */
  login: string;
  /** Defaults to `oauth`. */
  kind?: TokenKind;
  /** OAuth scopes. Defaults to `delete_repo`, `repo`, `user` and `workflow`. */
  scopes?: readonly string[];
  /**
   * Permissions of the other kinds. Defaults to write for `administration`, `contents`, `pull_requests` and `workflows`, and
   * read for `metadata`.
   */
  permissions?: Permissions;
  /** Limits a fine-grained or installation token to repositories, by name or `owner/name`. */
  repositories?: readonly string[];
  /** Slug of the App that an installation token belongs to. Defaults to `box-app`, whose bot user is `box-app[bot]`. */
  app?: string;
}

const ALL_SCOPES = ["delete_repo", "repo", "user", "workflow"];

const ALL_PERMISSIONS = {
  administration: "write",
  contents: "write",
  metadata: "read",
  pull_requests: "write",
  workflows: "write",
};

/** Prefixes of GitHub's token formats. The rest of a token is opaque. */
const PREFIX: Record<TokenKind, string> = { oauth: "gho_", "fine-grained": "github_pat_", installation: "ghs_" };

/** All accounts of a box and their tokens. Logins are case-insensitive. */
export class Accounts {
  private readonly accounts = new Map<string, Account>();
  private readonly credentials = new Map<string, Credential>();

  constructor(
    private readonly nextId: () => number,
    private readonly clock: () => number,
  ) {}

  /** Returns the account with a login. */
  find(login: string): Account | undefined {
    return this.accounts.get(login.toLowerCase());
  }

  /** Returns the account with an ID. */
  findById(id: number): Account | undefined {
    return [...this.accounts.values()].find((account) => account.id === id);
  }

  /** Returns all accounts in the order of their creation. */
  list(): Account[] {
    return [...this.accounts.values()];
  }

  /** Returns the account with a login, and creates a user if it does not exist. */
  ensure(login: string): Account {
    return this.find(login) ?? this.add(login, "User");
  }

  /** Creates an account. Throws when the login is taken. */
  add(login: string, type: Account["type"], name = login, profile: Partial<Profile> = {}): Account {
    if (this.find(login) !== undefined) throw new Error(`${login} already exists`);
    const account = { id: this.nextId(), login, type, name, members: new Map(), profile: profileOf(profile) };
    this.accounts.set(login.toLowerCase(), account);
    return account;
  }

  /** Creates a token. */
  addToken(options: TokenOptions): Credential {
    const kind = options.kind ?? "oauth";
    const account = this.ensure(options.login);
    const bot = `${options.app ?? "box-app"}[bot]`;
    const credential: Credential = {
      token: PREFIX[kind] + randomBytes(24).toString("hex"),
      kind,
      account,
      actor: kind === "installation" ? (this.find(bot) ?? this.add(bot, "Bot")) : account,
      scopes: new Set(kind === "oauth" ? (options.scopes ?? ALL_SCOPES) : []),
      permissions: kind === "oauth" ? {} : { ...(options.permissions ?? ALL_PERMISSIONS) },
      ...(options.repositories === undefined
        ? {}
        : { repositories: new Set(options.repositories.map((name) => fullName(account.login, name))) }),
    };
    this.addCredential(credential);
    return credential;
  }

  /** Registers a token. */
  addCredential(credential: Credential): void {
    this.credentials.set(announceSecret(credential.token), credential);
  }

  /** Returns the credential of a token, or `undefined` when the token is unknown, expired or revoked. */
  credential(token: string): Credential | undefined {
    const credential = this.credentials.get(token);
    const isExpired = (credential?.expiresAt ?? Number.POSITIVE_INFINITY) <= this.clock();
    return isExpired ? undefined : credential;
  }

  /** Revokes a token. */
  revoke(token: string): void {
    this.credentials.delete(token);
  }

  /** Revokes all tokens that match. */
  revokeWhere(matches: (credential: Credential) => boolean): void {
    for (const [token, credential] of this.credentials) if (matches(credential)) this.credentials.delete(token);
  }
}

function fullName(owner: string, name: string): string {
  return (name.includes("/") ? name : `${owner}/${name}`).toLowerCase();
}
