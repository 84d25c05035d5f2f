import type { Profile } from "./profile.js";

/** A user, an organization or the bot user of an App. */
export interface Account {
  id: number;
  login: string;
  type: "User" | "Organization" | "Bot";
  /** Display name, also used in commits. Defaults to the login. */
  name: string;
  /** Roles of an organization's members by login in lower case. */
  members: Map<string, "admin" | "member">;
  /** True for an organization of an enterprise, which can have internal repositories. */
  isInEnterprise?: boolean;
  /** Public profile. */
  profile: Profile;
}

/** Permissions by name, such as `contents: "write"`. */
export type Permissions = Readonly<Record<string, string>>;

/** Returns the login that acts for an account: its own, or for an organization the first owner's. */
export function ownerLogin(account: Account): string {
  if (account.type !== "Organization") return account.login;
  return [...account.members].find(([, role]) => role === "admin")?.[0] ?? account.login;
}
