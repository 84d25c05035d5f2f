import type { Account } from "../accounts/account.js";
import { notFound } from "../http/api-error.js";
import type { Route } from "../http/route.js";
import { includesScope } from "../oauth/scopes.js";
import { privateProfile, publicUser } from "../payloads/account.js";
import { integrationRefusal } from "./app-route.js";
import { param } from "./repository-route.js";
import { requireCredential } from "./require-credential.js";

/**
 * Routes for users.
 *
 * @see https://docs.github.com/rest/users/users
 */
export const userRoutes: readonly Route[] = [
  {
    method: "GET",
    template: "/user",
    docs: "users/users#get-the-authenticated-user",
    scopes: [],
    handler: (call) => {
      const { account, kind, scopes } = requireCredential(call);
      if (kind === "installation") throw integrationRefusal();
      const all = call.platform.repositories.list(account);
      const open = all.filter((repository) => !repository.private).length;
      const isOwn = includesScope(scopes, "read:user");
      const more = isOwn ? privateProfile(all.length - open) : {};
      const body = { ...publicUser(account, call.addresses, open), ...more };
      return { status: 200, body, lastModified: updatedAt(account) };
    },
  },
  {
    method: "GET",
    template: "/users/{username}",
    docs: "users/users#get-a-user",
    scopes: [],
    handler: (call) => {
      const account = call.platform.accounts.find(param(call, "username"));
      if (account === undefined) throw notFound();
      const repositories = call.platform.repositories.list(account).filter((repository) => !repository.private);
      const body = publicUser(account, call.addresses, repositories.length);
      return { status: 200, body, lastModified: updatedAt(account) };
    },
  },
];

/** Returns seconds since the epoch. */
function updatedAt({ profile }: Account): number {
  return Date.parse(profile.createdAt) / 1000;
}
