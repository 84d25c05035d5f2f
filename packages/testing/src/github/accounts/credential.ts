import type { Installation } from "../apps/installation.js";
import type { OAuthClient, Reach } from "../oauth/oauth-client.js";
import type { Account, Permissions } from "./account.js";

/** What kind of token: a user's OAuth or classic token, a user's fine-grained token, or an App installation's. */
export type TokenKind = "oauth" | "fine-grained" | "installation";

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
  /** Instead of both, what the token reaches at this moment. */
  reach?: Reach;
  /** The installation whose token it is. */
  installation?: Installation;
  /** The application that the user gave the token. */
  client?: OAuthClient;
  /** Milliseconds since the epoch; absent: it does not expire. */
  expiresAt?: number;
  /** Whether GitHub's replicas know it already; asked once for each request. Absent: they do. */
  isSeen?: () => boolean;
}
