import { z } from "zod";
import { defined } from "../defined.js";
import type { Installation } from "../domain/installation.js";
import { GitHubSdkError, isGitHubSdkError } from "../errors.js";
import type { Credential } from "../github/credential.js";
import { errorFromAnswer } from "../github/error-mapping.js";
import type { GitHubClients } from "../github/github-clients.js";
import { parseAnswer } from "../github/parse-answer.js";
import { parseRepositoryName } from "../github/repository-name.js";

/** A repository to be made. */
export interface NewRepository {
  readonly name: string;
  readonly description?: string;
  /** `true` unless told. */
  readonly private?: boolean;
}

/** A repository that was made. */
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

const createdSchema = z
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
    (made): CreatedRepository => ({
      id: made.id,
      name: made.name,
      fullName: made.full_name,
      description: made.description,
      private: made.private,
      htmlUrl: made.html_url,
      cloneUrl: made.clone_url,
      createdAt: made.created_at,
      updatedAt: made.updated_at,
    }),
  );

/** In whose name a repository can be made. */
export interface CreationCredentials {
  /** The installation's: it may make repositories in an organization. */
  installation(): Credential;
  /** The user's own: GitHub makes repositories in a personal account for nobody else. */
  user(): Promise<Credential>;
}

/**
 * Makes a repository in the account where the App is installed.
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
  // GitHub would make another name of one that it cannot take.
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
  const answer = await client.request(route, parameters, { signal, expect: [422] });
  if (answer.status !== 422) return parseAnswer(createdSchema, answer);
  if (!/already exists/i.test(JSON.stringify(answer.data))) {
    const cause = errorFromAnswer(answer, { method: "POST", route, touchesWorkflows: false });
    throw new GitHubSdkError("validation_failed", "GitHub does not make the repository as described.", { cause });
  }
  throw new GitHubSdkError(
    "repository_exists",
    `${account.login} has a repository named "${repository.name}" already. Choose another name.`,
  );
}

async function userCredential(credentials: CreationCredentials, login: string): Promise<Credential> {
  try {
    return await credentials.user();
  } catch (error) {
    if (!isGitHubSdkError(error, "github_not_connected")) throw error;
    throw new GitHubSdkError(
      "github_not_connected",
      `GitHub lets nobody but ${login} make a repository in this personal account. Connect the GitHub account ${login} first.`,
      { cause: error },
    );
  }
}
