import { randomBytes } from "node:crypto";
import type { OAuthClient } from "./oauth/oauth-client.js";
import { type Profile, profileOf } from "./profile.js";
import type { BoxRepository } from "./repository.js";

/** A user, an organization or the bot of an App. */
export interface Account {
  id: number;
  login: string;
  type: "User" | "Organization" | "Bot";
  /** The name commits carry; the login when the account has none. */
  name: string;
  /** Who belongs to an organization, by login in lower case. */
  members: Map<string, "admin" | "member">;
  /** What people see on its page. */
  profile: Profile;
}

/** What kind of token: a user's OAuth or classic token, a user's fine-grained token, or an App installation's. */
export type TokenKind = "oauth" | "fine-grained" | "installation";

/** Permissions by name, such as `contents: "write"`. */
export type Permissions = Readonly<Record<string, string>>;

/** What a token stands for. */
export interface Credential {
  token: string;
  /** `app-user`: a user's token for a GitHub App. */
  kind: TokenKind | "app-user";
  /** The user, or for an installation the account that the App is installed on. */
  account: Account;
  /** Who commits made with the token belong to: the user, or the App's bot. */
  actor: Account;
  /** OAuth scopes; empty for the other kinds. */
  scopes: ReadonlySet<string>;
  /** Permissions of a fine-grained or installation token, such as `contents: "write"`. */
  permissions: Permissions;
  /** The repositories (full names, lower case) that the token is limited to; absent: all of the account's. */
  repositories?: ReadonlySet<string>;
  /** Instead of both, what the token may do on a repository at this moment; undefined: it does not reach it. */
  reach?: (repository: BoxRepository) => Permissions | undefined;
  /** The application that the user gave the token. */
  client?: OAuthClient;
  /** Milliseconds since the epoch; absent: it does not expire. */
  expiresAt?: number;
}

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
    this.credentials.set(credential.token, credential);
  }

  /** What a token stands for; undefined when it is none, or not any more. */
  credential(token: string): Credential | undefined {
    const credential = this.credentials.get(token);
    const isOver = (credential?.expiresAt ?? Number.POSITIVE_INFINITY) <= this.clock();
    return isOver ? undefined : credential;
  }

  /** Makes a token worthless, as a user or an App may at any time. */
  revoke(token: string): void {
    this.credentials.delete(token);
  }
}

function fullName(owner: string, name: string): string {
  return (name.includes("/") ? name : `${owner}/${name}`).toLowerCase();
}
