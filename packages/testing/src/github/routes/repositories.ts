import * as z from "zod";
import { ApiError, notFound } from "../http/api-error.js";
import { parseBody } from "../http/body.js";
import { paginate } from "../http/paging.js";
import type { Call, RepositoryCall, RepositoryRoute, RestResponse, Route } from "../http/route.js";
import { fullRepositoryPayload, repositoryPayload } from "../payloads/repository.js";
import { canSee } from "../repositories/access.js";
import type { BoxRepository } from "../repositories/repository.js";
import { integrationRefusal } from "./app-route.js";
import { checkName } from "./repository-creation.js";
import { param, repositoryRoute } from "./repository-route.js";
import { requireCredential } from "./require-credential.js";

const scopes = ["public_repo", "repo"];
const administration = { permission: "administration", level: "write" } as const;
const metadata = { permission: "metadata", level: "read" } as const;

const repositoryUpdate = z.object({
  name: z.string().optional(),
  description: z.string().nullish(),
  homepage: z.string().nullish(),
  private: z.boolean().optional(),
  visibility: z.string().optional(),
  default_branch: z.string().optional(),
  archived: z.boolean().optional(),
  is_template: z.boolean().optional(),
});

/**
 * Routes for repositories.
 *
 * @see https://docs.github.com/rest/repos/repos
 */
export const repositoryRoutes: readonly (Route | RepositoryRoute)[] = [
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
  if (wanted.visibility !== undefined) {
    repository.private = wanted.visibility !== "public";
    repository.isInternal = wanted.visibility === "internal";
  }
  if (wanted.is_template !== undefined) repository.isTemplate = wanted.is_template;
  if (wanted.archived !== undefined) repository.archived = wanted.archived;
  return { status: 200, body: fullRepositoryPayload(repository, call) };
}
