import type { Account, Permissions } from "./account.js";
import type { Reach } from "./reach.js";

/** The kind of a token: a user's OAuth or classic token, a user's fine-grained token, or an App installation's token. */
export type TokenKind = "oauth" | "fine-grained" | "installation";

/** The identity and the permissions of a token. */
export interface Credential {
  token: string;
  /** `app-user` is a user's token for a GitHub App. */
  kind: TokenKind | "app-user";
  /** The user, or for an installation the account that the App is installed on. */
  account: Account;
  /** The author of commits made with the token: the user, or the App's bot. */
  actor: Account;
  /** OAuth scopes; empty for the other kinds. */
  scopes: ReadonlySet<string>;
  /** Permissions of a fine-grained or installation token, such as `contents: "write"`. */
  permissions: Permissions;
  /** Full names in lower case of the repositories that the token is limited to. Defaults to all repositories of the account. */
  repositories?: ReadonlySet<string>;
  /** Replaces `permissions` and `repositories` by a lookup at the time of each request. */
  reach?: Reach;
  /** ID of the installation that the token belongs to. */
  installationId?: number;
  /** Client ID of the application that the user authorized. */
  clientId?: string;
  /** Milliseconds since the epoch; absent for a token that does not expire. */
  expiresAt?: number;
  /** True once GitHub's replicas know the token; called once for each request. Defaults to true. */
  isSeen?: () => boolean;
}
