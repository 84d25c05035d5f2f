import * as z from "zod";
import type { Account } from "../accounts/account.js";
import type { Credential } from "../accounts/credential.js";
import { ApiError, notFound } from "../http/api-error.js";
import { parseBody } from "../http/body.js";
import type { Call, RepositoryRoute, RestResponse, Route } from "../http/route.js";
import { fullRepositoryPayload } from "../payloads/repository.js";
import { canSee, permissionsAt } from "../repositories/access.js";
import { GITIGNORES } from "../repositories/initial-files.js";
import { LICENSES, type License } from "../repositories/license.js";
import type { BoxRepository } from "../repositories/repository.js";
import { integrationRefusal } from "./app-route.js";
import { param } from "./repository-route.js";
import { requireCredential } from "./require-credential.js";

const scopes = ["public_repo", "repo"];
const NAME = /^[\w.-]{1,100}$/;

const newRepository = z.object({
  name: z.string(),
  description: z.string().nullish(),
  homepage: z.string().nullish(),
  private: z.boolean().optional(),
  visibility: z.string().optional(),
  auto_init: z.boolean().optional(),
  gitignore_template: z.string().nullish(),
  license_template: z.string().nullish(),
  is_template: z.boolean().optional(),
});

const generatedRepository = z.object({
  owner: z.string().optional(),
  name: z.string(),
  description: z.string().nullish(),
  include_all_branches: z.boolean().optional(),
  private: z.boolean().optional(),
});

/** The routes that create repositories. */
export const repositoryCreationRoutes: readonly (Route | RepositoryRoute)[] = [
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
    need: { permission: "administration", level: "write" },
    handler: (call) => {
      const credential = requireCredential(call);
      const organization = call.platform.accounts.find(param(call, "org"));
      if (organization?.type !== "Organization") throw notFound();
      requireMembership(credential, organization);
      requireCreation(credential, organization);
      return create(call, organization);
    },
  },
  {
    method: "POST",
    template: "/repos/{template_owner}/{template_repo}/generate",
    docs: "repos/repos#create-a-repository-using-a-template",
    scopes,
    handler: generate,
  },
];

async function create(call: Call, owner: Account): Promise<RestResponse> {
  const wanted = parseBody(newRepository, call.body);
  const isInternal = wanted.visibility === "internal" && owner.type === "Organization";
  const problem =
    nameProblem(call, owner, wanted.name) ??
    (isInternal && owner.isInEnterprise !== true
      ? fieldProblem("visibility", "Only organizations associated with an enterprise can set visibility to internal")
      : null) ??
    unknownTemplate("gitignore", wanted.gitignore_template, GITIGNORES) ??
    unknownTemplate("license", wanted.license_template, LICENSES);
  if (problem !== null) throw creationFailed(problem);
  return finish(call, owner, {
    name: wanted.name,
    private: wanted.private ?? (wanted.visibility === "private" || isInternal),
    isInternal,
    autoInit: wanted.auto_init ?? false,
    isTemplate: wanted.is_template ?? false,
    description: wanted.description,
    homepage: wanted.homepage,
    gitignore: GITIGNORES.get(wanted.gitignore_template ?? ""),
    license: LICENSES.get(wanted.license_template ?? ""),
  });
}

async function generate(call: Call): Promise<RestResponse> {
  const credential = requireCredential(call);
  const { repositories, accounts } = call.platform;
  const template = repositories.find(param(call, "template_owner"), param(call, "template_repo"));
  if (template === undefined || !canSee(credential, template)) throw notFound();
  const wanted = parseBody(generatedRepository, call.body);
  const owner = wanted.owner === undefined ? credential.account : accounts.find(wanted.owner);
  if (owner === undefined) throw notFound();
  if (owner.type === "Organization") requireMembership(credential, owner);
  else if (owner.id !== credential.account.id || credential.kind === "installation") throw integrationRefusal();
  requireCreation(credential, owner);
  if (!template.isTemplate) throw couldNotClone(`${template.fullName} is not a template repository.`);
  if (!NAME.test(wanted.name)) throw couldNotClone("Name is invalid");
  if (repositories.find(owner.login, wanted.name) !== undefined) {
    throw couldNotClone("Name already exists on this account");
  }
  const { name, description, private: isPrivate } = wanted;
  return finish(call, owner, { name, description, private: isPrivate ?? false, template });
}

interface Draft {
  readonly name: string;
  readonly private: boolean;
  readonly isInternal?: boolean;
  readonly autoInit?: boolean;
  readonly isTemplate?: boolean;
  readonly description: string | null | undefined;
  readonly homepage?: string | null | undefined;
  readonly gitignore?: string | undefined;
  readonly license?: License | undefined;
  readonly template?: BoxRepository;
}

async function finish(call: Call, owner: Account, { name, ...draft }: Draft): Promise<RestResponse> {
  const given = Object.fromEntries(Object.entries(draft).filter(([, value]) => value != null));
  const repository = await call.platform.repositories.create({ owner: owner.login, name, ...given });
  grant(call, owner, repository);
  const body = fullRepositoryPayload(repository, call);
  return { status: 201, body, headers: { Location: String(body.url) } };
}

/** Gives the creator access: the role of an administrator to a user, and membership in the selection to an installation. */
function grant({ credential, platform }: Call, owner: Account, repository: BoxRepository): void {
  if (credential !== undefined && owner.type === "Organization" && credential.kind !== "installation") {
    repository.setPermission(credential.account.login, "admin");
  }
  const { apps, identity } = platform;
  if (identity.createdRepositoriesJoin) apps.findInstallation(credential?.installationId)?.join(repository);
}

interface FieldProblem {
  readonly field: string;
  readonly message: string;
}

function fieldProblem(field: string, message: string): FieldProblem {
  return { field, message };
}

function unknownTemplate(
  kind: "gitignore" | "license",
  wanted: string | null | undefined,
  known: ReadonlyMap<string, unknown>,
): FieldProblem | null {
  if (wanted == null || wanted === "" || known.has(wanted)) return null;
  const field = `${kind}_template`;
  return fieldProblem(field, `${field} is an unknown ${kind} template.`);
}

function nameProblem(call: Call, owner: Account, name: string): FieldProblem | null {
  if (!NAME.test(name)) return fieldProblem("name", "name is not a valid repository name");
  const isTaken = call.platform.repositories.find(owner.login, name) !== undefined;
  return isTaken ? fieldProblem("name", "name already exists on this account") : null;
}

/** Throws 422 when a name is invalid or taken. */
export function checkName(call: Call, owner: Account, name: string): void {
  const problem = nameProblem(call, owner, name);
  if (problem !== null) throw creationFailed(problem);
}

function creationFailed({ field, message }: FieldProblem): ApiError {
  return new ApiError(422, "Repository creation failed.", {
    errors: [{ resource: "Repository", code: "custom", field, message }],
  });
}

function couldNotClone(reason: string): ApiError {
  const message = `Could not clone: ${reason}`;
  return new ApiError(422, message, { errors: [message] });
}

function requireMembership({ kind, account }: Credential, organization: Account): void {
  if (kind === "installation") {
    if (account.id !== organization.id) throw integrationRefusal();
  } else if (!organization.members.has(account.login.toLowerCase())) throw notFound();
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
