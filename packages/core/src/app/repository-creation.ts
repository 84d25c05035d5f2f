import { z } from "zod";
import { defined } from "../defined.js";
import type { Installation } from "../domain/installation.js";
import { GitHubSdkError, isGitHubSdkError } from "../errors.js";
import type { Credential } from "../github/credential.js";
import { errorFromAnswer } from "../github/error-mapping.js";
import type { GitHubClients } from "../github/github-clients.js";
import { parseAnswer } from "../github/parse-answer.js";
import { parseRepositoryName } from "../github/repository-name.js";

/** A repository to create. */
export interface NewRepository {
  readonly name: string;
  readonly description?: string;
  /** Defaults to `true`. */
  readonly private?: boolean;
}

/** A created repository. */
export interface CreatedRepository {
  readonly id: number;
  readonly name: string;
  /** `owner/name`. */
  readonly fullName: string;
  readonly description: string | null;
  readonly private: boolean;
  readonly htmlUrl: string;
  readonly cloneUrl: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** The schema of a repository in GitHub's API. */
export const createdRepositorySchema = z
  .object({
    id: z.int(),
    name: z.string(),
    full_name: z.string(),
    description: z.string().nullish().default(null),
    private: z.boolean(),
    html_url: z.string(),
    clone_url: z.string(),
    created_at: z.coerce.date(),
    updated_at: z.coerce.date(),
  })
  .transform(
    (created): CreatedRepository => ({
      id: created.id,
      name: created.name,
      fullName: created.full_name,
      description: created.description,
      private: created.private,
      htmlUrl: created.html_url,
      cloneUrl: created.clone_url,
      createdAt: created.created_at,
      updatedAt: created.updated_at,
    }),
  );

/** The credentials with which a repository can be created. */
export interface CreationCredentials {
  /** Returns the installation's credential, for repositories of an organization. */
  installation(): Credential;
  /** Returns the user's credential, for repositories of the user's personal account. */
  user(): Promise<Credential>;
}

/**
 * Creates a repository in the account in which the App is installed.
 *
 * @throws GitHubSdkError `github_not_connected` when a personal account's user has no token, `repository_exists`,
 * `insufficient_permissions`, `invalid_repository_name`, `validation_failed`
 * @see https://docs.github.com/en/rest/repos/repos#create-an-organization-repository
 */
export async function createRepository(
  clients: GitHubClients,
  { account }: Installation,
  repository: NewRepository,
  credentials: CreationCredentials,
  signal: AbortSignal,
): Promise<CreatedRepository> {
  // GitHub replaces invalid characters in a name instead of rejecting them.
  parseRepositoryName(`${account.login}/${repository.name}`);
  const isOrganization = account.type === "Organization";
  const client = clients.for(
    isOrganization ? credentials.installation() : await userCredential(credentials, account.login),
  );
  const route = isOrganization ? "POST /orgs/{org}/repos" : "POST /user/repos";
  const parameters = defined({
    org: isOrganization ? account.login : undefined,
    name: repository.name,
    private: repository.private ?? true,
    description: repository.description,
  });
  const response = await client.request(route, parameters, { signal, expect: [422] });
  if (response.status !== 422) return parseAnswer(createdRepositorySchema, response);
  if (!/already exists/i.test(JSON.stringify(response.data))) {
    const cause = errorFromAnswer(response, { method: "POST", route, touchesWorkflows: false });
    throw new GitHubSdkError("validation_failed", "GitHub rejected the repository's name or description.", { cause });
  }
  throw new GitHubSdkError(
    "repository_exists",
    `${account.login} already has a repository named "${repository.name}". Choose another name.`,
  );
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
