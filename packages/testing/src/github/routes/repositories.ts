import { z } from "zod";
import type { Account } from "../accounts/account.js";
import type { Credential } from "../accounts/credential.js";
import { ApiError, notFound } from "../http/api-error.js";
import { parseBody } from "../http/body.js";
import { paginate } from "../http/paging.js";
import type { Call, RepositoryCall, RepositoryRoute, RestResponse, Route } from "../http/route.js";
import { fullRepositoryPayload, repositoryPayload } from "../payloads/repository.js";
import { canSee, permissionsAt } from "../repositories/access.js";
import type { BoxRepository } from "../repositories/repository.js";
import { integrationRefusal } from "./app-route.js";
import { param, repositoryRoute } from "./repository-route.js";

const scopes = ["public_repo", "repo"];
const administration = { permission: "administration", level: "write" } as const;
const metadata = { permission: "metadata", level: "read" } as const;

const newRepository = z.object({
  name: z.string(),
  description: z.string().nullish(),
  homepage: z.string().nullish(),
  private: z.boolean().optional(),
  visibility: z.string().optional(),
  auto_init: z.boolean().optional(),
});

const repositoryUpdate = z.object({
  name: z.string().optional(),
  description: z.string().nullish(),
  homepage: z.string().nullish(),
  private: z.boolean().optional(),
  visibility: z.string().optional(),
  default_branch: z.string().optional(),
  archived: z.boolean().optional(),
});

/**
 * Routes for repositories.
 *
 * @see https://docs.github.com/rest/repos/repos
 */
export const repositoryRoutes: readonly (Route | RepositoryRoute)[] = [
  {
    method: "POST",
    template: "/user/repos",
    docs: "repos/repos#create-a-repository-for-the-authenticated-user",
    scopes,
    handler: (call) => {
      const credential = requireCredential(call);
      // GitHub does not support installation tokens for this endpoint.
      if (credential.kind === "installation") throw integrationRefusal();
      requireCreation(credential, credential.account);
      return create(call, credential.account);
    },
  },
  {
    method: "POST",
    template: "/orgs/{org}/repos",
    docs: "repos/repos#create-an-organization-repository",
    scopes,
    need: administration,
    handler: (call) => {
      const credential = requireCredential(call);
      const organization = call.platform.accounts.find(param(call, "org"));
      if (organization?.type !== "Organization") throw notFound();
      const isMember =
        credential.kind === "installation"
          ? credential.account.id === organization.id
          : organization.members.has(credential.account.login.toLowerCase());
      if (!isMember) throw credential.kind === "installation" ? integrationRefusal() : notFound();
      requireCreation(credential, organization);
      return create(call, organization);
    },
  },
  {
    method: "GET",
    template: "/user/repos",
    docs: "repos/repos#list-repositories-for-the-authenticated-user",
    scopes: [],
    handler: (call) => {
      const { account, kind } = requireCredential(call);
      if (kind === "installation") throw integrationRefusal();
      const isMine = (repository: BoxRepository): boolean => {
        const { owner, roles } = repository;
        const login = account.login.toLowerCase();
        const isOwn = owner.id === account.id || owner.members.has(login) || (roles.get(login) ?? "none") !== "none";
        return isOwn && canSee(call.credential, repository);
      };
      return list(call, "/user/repos", call.platform.repositories.list().filter(isMine));
    },
  },
  listing("/users/{username}/repos", "repos/repos#list-repositories-for-a-user", "username"),
  listing("/orgs/{org}/repos", "repos/repos#list-organization-repositories", "org"),
  repositoryRoute({
    method: "GET",
    template: "/repos/{owner}/{repo}",
    docs: "repos/repos#get-a-repository",
    scopes: ["repo"],
    need: metadata,
    repositoryHandler: (call) => ({
      status: 200,
      body: fullRepositoryPayload(call.repository, call),
      lastModified: Math.floor(call.repository.pushedAt / 1000),
    }),
  }),
  repositoryRoute({
    method: "PATCH",
    template: "/repos/{owner}/{repo}",
    docs: "repos/repos#update-a-repository",
    scopes,
    need: administration,
    worksOnArchived: true,
    repositoryHandler: update,
  }),
  repositoryRoute({
    method: "DELETE",
    template: "/repos/{owner}/{repo}",
    docs: "repos/repos#delete-a-repository",
    scopes: ["delete_repo"],
    need: administration,
    worksOnArchived: true,
    repositoryHandler: (call) => {
      if (call.credential?.kind === "oauth" && !call.credential.scopes.has("delete_repo")) {
        throw new ApiError(403, "Must have admin rights to Repository.");
      }
      call.platform.repositories.delete(call.repository);
      return { status: 204 };
    },
  }),
  repositoryRoute({
    method: "GET",
    template: "/repos/{owner}/{repo}/hash-algorithm",
    docs: "repos/repos#get-the-hash-algorithm-for-a-repository",
    need: metadata,
    repositoryHandler: () => ({ status: 200, body: { hash_algorithm: "sha1" } }),
  }),
];

function listing(template: string, docs: string, name: string): Route {
  return {
    method: "GET",
    template,
    docs,
    scopes: [],
    handler: (call) => {
      const account = call.platform.accounts.find(param(call, name));
      if (account === undefined) throw notFound();
      const visible = call.platform.repositories
        .list(account)
        .filter((repository) => canSee(call.credential, repository));
      return list(call, template.replace(`{${name}}`, account.login), visible);
    },
  };
}

function list(call: Call, path: string, repositories: readonly BoxRepository[]): RestResponse {
  const { items, headers } = paginate(call, path, repositories);
  return { status: 200, body: items.map((repository) => repositoryPayload(repository, call)), headers };
}

async function create(call: Call, owner: Account): Promise<RestResponse> {
  const wanted = parseBody(newRepository, call.body);
  checkName(call, owner, wanted.name);
  const repository = await call.platform.repositories.create({
    owner: owner.login,
    name: wanted.name,
    private: wanted.private ?? (wanted.visibility === "private" || wanted.visibility === "internal"),
    autoInit: wanted.auto_init ?? false,
    ...(wanted.description == null ? {} : { description: wanted.description }),
    ...(wanted.homepage == null ? {} : { homepage: wanted.homepage }),
  });
  if (call.credential !== undefined && owner.type === "Organization" && call.credential.kind !== "installation") {
    repository.setPermission(call.credential.account.login, "admin");
  }
  const { apps, identity } = call.platform;
  if (identity.createdRepositoriesJoin) apps.findInstallation(call.credential?.installationId)?.join(repository);
  const body = fullRepositoryPayload(repository, call);
  return { status: 201, body, headers: { Location: String(body.url) } };
}

function update(call: RepositoryCall): RestResponse {
  const { repository } = call;
  const wanted = parseBody(repositoryUpdate, call.body);
  const stays = wanted.archived !== false && repository.archived;
  if (stays) throw new ApiError(403, "Repository was archived so is read-only.");
  if (wanted.name !== undefined && wanted.name.toLowerCase() !== repository.name.toLowerCase()) {
    checkName(call, repository.owner, wanted.name);
  }
  if (wanted.default_branch !== undefined) {
    if (repository.refs.read(`refs/heads/${wanted.default_branch}`) === undefined) {
      const message = `The branch ${wanted.default_branch} was not found. Please push that ref first or create it via the Git Data API.`;
      throw new ApiError(422, "Validation Failed", {
        errors: [{ resource: "Repository", code: "invalid", field: "default_branch", message }],
      });
    }
    repository.setDefaultBranch(wanted.default_branch);
  }
  if (wanted.name !== undefined && wanted.name !== repository.name) repository.rename(wanted.name);
  if (wanted.description !== undefined) repository.description = wanted.description;
  if (wanted.homepage !== undefined) repository.homepage = wanted.homepage;
  if (wanted.private !== undefined) repository.private = wanted.private;
  if (wanted.visibility !== undefined) repository.private = wanted.visibility !== "public";
  if (wanted.archived !== undefined) repository.archived = wanted.archived;
  return { status: 200, body: fullRepositoryPayload(repository, call) };
}

/** Throws 422 when a name is invalid or taken. */
function checkName(call: Call, owner: Account, name: string): void {
  const problem = /^[\w.-]{1,100}$/.test(name)
    ? call.platform.repositories.find(owner.login, name) && "name already exists on this account"
    : "name is not a valid repository name";
  if (problem === undefined) return;
  throw new ApiError(422, "Repository creation failed.", {
    errors: [{ resource: "Repository", code: "custom", field: "name", message: problem }],
  });
}

/** Returns the caller's credential. Throws 401 without one. */
export function requireCredential(call: Call): Credential {
  if (call.credential === undefined) throw new ApiError(401, "Requires authentication");
  return call.credential;
}

function requireCreation(credential: Credential, owner: Account): void {
  const { kind, scopes: granted } = credential;
  if (kind === "oauth") {
    if (!granted.has("repo") && !granted.has("public_repo")) throw notFound();
  } else if (permissionsAt(credential, owner)?.administration !== "write") {
    throw kind === "fine-grained"
      ? new ApiError(403, "Resource not accessible by personal access token")
      : integrationRefusal();
  }
}
