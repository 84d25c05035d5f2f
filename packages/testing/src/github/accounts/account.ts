import type { Profile } from "./profile.js";

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

/** Permissions by name, such as `contents: "write"`. */
export type Permissions = Readonly<Record<string, string>>;

/** Who speaks for an account: itself, or the first owner of an organization. */
export function ownerLogin(account: Account): string {
  if (account.type !== "Organization") return account.login;
  return [...account.members].find(([, role]) => role === "admin")?.[0] ?? account.login;
}
