import * as z from "zod";
import type { InstallationStore } from "../adapters/installation-store.js";
import type { InstallationKey, InstallationRepository } from "../domain/installation.js";
import type { GitHubClient } from "../github/github-client.js";
import { pages } from "../github/pagination.js";
import { parseResponse } from "../github/parse-response.js";

const pageSchema = z.object({
  total_count: z.int(),
  repositories: z.array(z.object({ id: z.int(), full_name: z.string(), private: z.boolean() })),
});

// 20 pages: more could not be read within the time limit of a delivery.
const MAX_LISTED = 2_000;
const STORE_PAGE_SIZE = 1_000;

/**
 * Lists the repositories that an installation can access. Returns an empty list when there are more than 2,000.
 *
 * @param client authenticated as the installation
 * @see https://docs.github.com/en/rest/apps/installations#list-repositories-accessible-to-the-app-installation
 */
export async function listRepositories(
  client: GitHubClient,
  signal: AbortSignal,
): Promise<readonly InstallationRepository[]> {
  const listed: InstallationRepository[] = [];
  for await (const page of pages(client, "GET /installation/repositories", {}, { signal })) {
    const { total_count, repositories } = parseResponse(pageSchema, page);
    if (total_count > MAX_LISTED) return [];
    for (const shape of repositories) {
      listed.push({ id: shape.id, fullName: shape.full_name, private: shape.private });
    }
  }
  return listed;
}

/** Returns the IDs of the repositories that are stored for an installation. */
export async function storedRepositories(store: InstallationStore, key: InstallationKey): Promise<ReadonlySet<number>> {
  const stored = new Set<number>();
  let page = await store.repositories(key, 0, STORE_PAGE_SIZE);
  while (page.length > 0) {
    for (const { id } of page) stored.add(id);
    page = await store.repositories(key, page.at(-1)?.id ?? Number.POSITIVE_INFINITY, STORE_PAGE_SIZE);
  }
  return stored;
}
