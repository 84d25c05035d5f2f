import { z } from "zod";
import type { InstallationStore } from "../adapters/installation-store.js";
import type { InstallationKey, InstallationRepository } from "../domain/installation.js";
import type { GitHubClient } from "../github/github-client.js";
import { pages } from "../github/pagination.js";
import { parseAnswer } from "../github/parse-answer.js";

const pageSchema = z.object({
  total_count: z.int(),
  repositories: z.array(z.object({ id: z.int(), full_name: z.string(), private: z.boolean() })),
});

// More would not be read in the time that a delivery has: 20 pages.
const MOST_LISTED = 2_000;
const PAGE_OF_THE_STORE = 1_000;

/**
 * All repositories that an installation reaches; of one that reaches more than 2,000, none.
 *
 * @param client in the name of the installation
 * @see https://docs.github.com/en/rest/apps/installations#list-repositories-accessible-to-the-app-installation
 */
export async function listRepositories(
  client: GitHubClient,
  signal: AbortSignal,
): Promise<readonly InstallationRepository[]> {
  const listed: InstallationRepository[] = [];
  for await (const page of pages(client, "GET /installation/repositories", {}, { signal })) {
    const { total_count, repositories } = parseAnswer(pageSchema, page);
    if (total_count > MOST_LISTED) return [];
    for (const shape of repositories) {
      listed.push({ id: shape.id, fullName: shape.full_name, private: shape.private });
    }
  }
  return listed;
}

/** The ids of the repositories that are kept for an installation. */
export async function keptRepositories(store: InstallationStore, key: InstallationKey): Promise<ReadonlySet<number>> {
  const kept = new Set<number>();
  let page = await store.repositories(key, 0, PAGE_OF_THE_STORE);
  while (page.length > 0) {
    for (const { id } of page) kept.add(id);
    page = await store.repositories(key, page.at(-1)?.id ?? Number.POSITIVE_INFINITY, PAGE_OF_THE_STORE);
  }
  return kept;
}
