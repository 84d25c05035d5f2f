import * as z from "zod";
import type { GitHubClient } from "../github/github-client.js";
import { parseResponse } from "../github/parse-response.js";
import { type AppRepository, appRepositorySchema } from "./app-repository.js";

/** One page of the repositories that an installation can access. */
export interface InstallationRepositoryPage {
  readonly repositories: readonly AppRepository[];
  /** The number of repositories on all pages. */
  readonly totalCount: number;
  readonly page: number;
  readonly perPage: number;
}

const pageSchema = z.object({ total_count: z.int().nonnegative(), repositories: z.array(appRepositorySchema) });

/**
 * Reads one page of an installation's repositories as the installation.
 *
 * @see https://docs.github.com/en/rest/apps/installations#list-repositories-accessible-to-the-app-installation
 */
export async function readInstallationRepositories(
  client: GitHubClient,
  { page, perPage }: Pick<InstallationRepositoryPage, "page" | "perPage">,
  signal: AbortSignal,
): Promise<InstallationRepositoryPage> {
  const response = await client.request("GET /installation/repositories", { page, per_page: perPage }, { signal });
  const { total_count: totalCount, repositories } = parseResponse(pageSchema, response);
  return { repositories, totalCount, page, perPage };
}
