import * as z from "zod";
import { defined } from "../defined.js";
import type { Installation } from "../domain/installation.js";
import { GitHubSdkError, isGitHubSdkError } from "../errors.js";
import type { Credential } from "../github/credential.js";
import { errorFromResponse } from "../github/error-mapping.js";
import type { GitHubClient, GitHubResponse } from "../github/github-client.js";
import type { GitHubClients } from "../github/github-clients.js";
import { parseResponse } from "../github/parse-response.js";
import { parseRepositoryName } from "../github/repository-name.js";
import { type AppRepository, appRepositorySchema } from "./app-repository.js";
import type { NewRepository } from "./new-repository.js";

/** The credentials with which a repository can be created. */
export interface CreationCredentials {
  /** Returns the installation's credential, for repositories of an organization. */
  installation(): Credential;
  /** Returns the user's credential, for repositories of the user's personal account. */
  user(): Promise<Credential>;
}

/** A repository that was created, and the client that created it. */
export interface Creation {
  readonly repository: AppRepository;
  readonly client: GitHubClient;
}

const GENERATE = "POST /repos/{template_owner}/{template_repo}/generate";

/**
 * Creates a repository in the account in which the App is installed, without its topics.
 *
 * @throws GitHubSdkError `github_not_connected` when a personal account's user has no token, `repository_exists`,
 * `repository_not_found` for a template that cannot be read, `insufficient_permissions`, `validation_failed`
 * @see https://docs.github.com/en/rest/repos/repos#create-an-organization-repository
 * @see https://docs.github.com/en/rest/repos/repos#create-a-repository-using-a-template
 */
export async function createRepository(
  clients: GitHubClients,
  { account }: Installation,
  repository: NewRepository,
  credentials: CreationCredentials,
  signal: AbortSignal,
): Promise<Creation> {
  const isOrganization = account.type === "Organization";
  if (!isOrganization && repository.visibility === "internal") {
    throw invalid("visibility", `\`visibility: internal\` is for organizations, and ${account.login} is a user.`);
  }
  const client = clients.for(
    isOrganization ? credentials.installation() : await userCredential(credentials, account.login),
  );
  const [route, parameters] = requestOf(account, repository);
  const expect = route === GENERATE ? [404, 422] : [422];
  const response = await client.request(route, parameters, { signal, expect });
  if (response.status === 404) throw templateNotFound(repository);
  if (response.status === 422) throw refused(response, route, account.login, repository);
  return { repository: parseResponse(appRepositorySchema, response), client };
}

function requestOf(
  { login, type }: Installation["account"],
  repository: NewRepository,
): [route: string, parameters: Readonly<Record<string, unknown>>] {
  const { name, description, visibility, template } = repository;
  const isPrivate = repository.private ?? visibility !== "public";
  const common = defined({ name, description, private: isPrivate });
  if (template !== undefined) {
    const { owner, name: templateName } = parseRepositoryName(template);
    return [GENERATE, { ...common, template_owner: owner, template_repo: templateName, owner: login }];
  }
  const created = {
    ...common,
    ...defined({
      auto_init: repository.autoInit,
      gitignore_template: repository.gitignoreTemplate,
      license_template: repository.licenseTemplate,
      // The other values are sent as `private`, which every version of GitHub Enterprise Server accepts.
      visibility: visibility === "internal" ? visibility : undefined,
    }),
  };
  return type === "Organization"
    ? ["POST /orgs/{org}/repos", { ...created, org: login }]
    : ["POST /user/repos", created];
}

const refusalSchema = z.object({ errors: z.array(z.object({ field: z.string() }).loose()).catch([]) });

/** The fields that GitHub names in its errors, by the option. */
const OPTION_OF_FIELD: Readonly<Record<string, keyof NewRepository>> = {
  name: "name",
  description: "description",
  visibility: "visibility",
  gitignore_template: "gitignoreTemplate",
  license_template: "licenseTemplate",
};

function refused(
  response: GitHubResponse,
  route: string,
  login: string,
  { name, template }: NewRepository,
): GitHubSdkError {
  const cause = errorFromResponse(response, { method: "POST", route, touchesWorkflows: false });
  const text = JSON.stringify(response.data);
  if (/already exists/i.test(text)) {
    return new GitHubSdkError(
      "repository_exists",
      `${login} already has a repository named "${name}". Choose another name, or set \`ifExists\` to use it.`,
    );
  }
  if (/is not a template repository/i.test(text)) {
    return invalid(
      "template",
      `${template} is not a template repository. Mark it as one in its settings on GitHub.`,
      cause,
    );
  }
  const fields = refusalSchema.safeParse(response.data).data?.errors ?? [];
  const option = fields.map(({ field }) => OPTION_OF_FIELD[field]).find((found) => found !== undefined);
  if (option !== undefined) return invalid(option, `GitHub rejected \`${option}\`. Check its value.`, cause);
  return new GitHubSdkError("validation_failed", "GitHub rejected the repository's name or description.", { cause });
}

function templateNotFound({ template }: NewRepository): GitHubSdkError {
  return new GitHubSdkError(
    "repository_not_found",
    `The template ${template} does not exist, or the installation cannot read it.`,
    { details: { option: "template" } },
  );
}

function invalid(option: keyof NewRepository, message: string, cause?: unknown): GitHubSdkError {
  return new GitHubSdkError("validation_failed", message, { details: { option }, ...defined({ cause }) });
}

async function userCredential(credentials: CreationCredentials, login: string): Promise<Credential> {
  try {
    return await credentials.user();
  } catch (error) {
    if (!isGitHubSdkError(error, "github_not_connected")) throw error;
    throw new GitHubSdkError(
      "github_not_connected",
      `Only ${login} can create a repository in this personal account. Connect the GitHub account ${login} first.`,
      { cause: error },
    );
  }
}
