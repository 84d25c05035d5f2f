import { randomBytes } from "node:crypto";
import { announceSecret } from "../secret-channel.js";
import type { Account, Permissions } from "./account.js";
import type { Credential, TokenKind } from "./credential.js";
import { type Profile, profileOf } from "./profile.js";

/** What a new token may do. */
export interface TokenOptions {
  /** The user, or for an installation the account that the App is installed on. Made when it does not exist. */
  login: string;
  /** Default `oauth`. */
  kind?: TokenKind;
  /** OAuth scopes. Default `delete_repo`, `repo`, `user`, `workflow`. */
  scopes?: readonly string[];
  /** Permissions of the other kinds. Default: `administration`, `contents`, `pull_requests`, `workflows` write, `metadata` read. */
  permissions?: Permissions;
  /** Limits a fine-grained or installation token to these repositories (names, or `owner/name`). */
  repositories?: readonly string[];
  /** Slug of the App whose installation it is. Default `box-app`; its bot is `box-app[bot]`. */
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

/** Prefixes as GitHub has them ("GitHub's token formats"); what follows is to be treated as opaque. */
const PREFIX: Record<TokenKind, string> = { oauth: "gho_", "fine-grained": "github_pat_", installation: "ghs_" };

/** Who there is, and the tokens they hold. Logins are looked up without regard to case. */
export class Accounts {
  private readonly accounts = new Map<string, Account>();
  private readonly credentials = new Map<string, Credential>();

  constructor(
    private readonly nextId: () => number,
    private readonly clock: () => number,
  ) {}

  find(login: string): Account | undefined {
    return this.accounts.get(login.toLowerCase());
  }

  findById(id: number): Account | undefined {
    return [...this.accounts.values()].find((account) => account.id === id);
  }

  /** The account of that login, made as a user when there is none. */
  ensure(login: string): Account {
    return this.find(login) ?? this.add(login, "User");
  }

  add(login: string, type: Account["type"], name = login, profile: Partial<Profile> = {}): Account {
    if (this.find(login) !== undefined) throw new Error(`${login} already exists`);
    const account = { id: this.nextId(), login, type, name, members: new Map(), profile: profileOf(profile) };
    this.accounts.set(login.toLowerCase(), account);
    return account;
  }

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

  /** Makes a token known. */
  addCredential(credential: Credential): void {
    this.credentials.set(announceSecret(credential.token), credential);
  }

  /** What a token stands for; undefined when it is none, or not any more. */
  credential(token: string): Credential | undefined {
    const credential = this.credentials.get(token);
    const isExpired = (credential?.expiresAt ?? Number.POSITIVE_INFINITY) <= this.clock();
    return isExpired ? undefined : credential;
  }

  /** Makes a token worthless, as a user or an App may at any time. */
  revoke(token: string): void {
    this.credentials.delete(token);
  }

  /** Makes all tokens worthless that `matches` says. */
  revokeWhere(matches: (credential: Credential) => boolean): void {
    for (const [token, credential] of this.credentials) if (matches(credential)) this.credentials.delete(token);
  }
}

function fullName(owner: string, name: string): string {
  return (name.includes("/") ? name : `${owner}/${name}`).toLowerCase();
}
