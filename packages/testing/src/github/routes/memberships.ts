import type { Account } from "../accounts/account.js";
import type { Credential } from "../accounts/credential.js";
import { ApiError, notFound } from "../http/api-error.js";
import type { Call, RestResponse, Route } from "../http/route.js";
import { includesScope } from "../oauth/scopes.js";
import { organizationSimple, simpleUser } from "../payloads/account.js";
import { permissionsAt } from "../repositories/access.js";
import { integrationRefusal } from "./app-route.js";
import { param } from "./repository-route.js";
import { requireCredential } from "./require-credential.js";

const scopes = ["admin:org", "read:org", "repo", "user", "write:org"];
const need = { permission: "members", level: "read" } as const;

/**
 * Routes for memberships in organizations.
 *
 * @see https://docs.github.com/rest/orgs/members
 */
export const membershipRoutes: readonly Route[] = [
  {
    method: "GET",
    template: "/user/memberships/orgs/{org}",
    docs: "orgs/members#get-an-organization-membership-for-the-authenticated-user",
    scopes,
    need,
    handler: (call) => {
      const credential = requireCredential(call);
      if (credential.kind === "installation") throw integrationRefusal();
      const organization = organizationFor(call, credential);
      return membership(call, organization, credential.account);
    },
  },
  {
    method: "GET",
    template: "/orgs/{org}/memberships/{username}",
    docs: "orgs/members#get-organization-membership-for-a-user",
    scopes,
    need,
    handler: (call) => {
      const credential = requireCredential(call);
      const organization = organizationFor(call, credential);
      const user = call.platform.accounts.find(param(call, "username"));
      const isInside = credential.kind === "installation" || isMember(organization, credential.account);
      if (!isInside) {
        const message = `You must be a member of ${organization.login} to see membership information for ${param(call, "username")}.`;
        throw new ApiError(403, message);
      }
      if (user === undefined) throw notFound();
      return membership(call, organization, user);
    },
  },
];

/** Returns the organization, if the token can read its members. */
function organizationFor(call: Call, credential: Credential): Account {
  const organization = call.platform.accounts.find(param(call, "org"));
  if (organization?.type !== "Organization") throw notFound();
  if (credential.kind === "oauth") {
    if (!scopes.some((scope) => includesScope(credential.scopes, scope))) throw notFound();
    return organization;
  }
  const level = permissionsAt(credential, organization)?.members;
  if (level === "read" || level === "write") return organization;
  if (credential.kind !== "fine-grained") throw integrationRefusal();
  throw new ApiError(403, "Resource not accessible by personal access token");
}

function isMember(organization: Account, user: Account): boolean {
  return organization.members.has(user.login.toLowerCase());
}

function membership({ addresses }: Call, organization: Account, user: Account): RestResponse {
  const role = organization.members.get(user.login.toLowerCase());
  if (role === undefined) throw notFound();
  const organization_url = `${addresses.api}/orgs/${organization.login}`;
  return {
    status: 200,
    body: {
      url: `${organization_url}/memberships/${user.login}`,
      state: "active",
      role,
      organization_url,
      user: simpleUser(user, addresses),
      organization: organizationSimple(organization, addresses),
    },
  };
}
