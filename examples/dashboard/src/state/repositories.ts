import type { GitHubRepository } from "@infrajet/github-client";
import { signal } from "@preact/signals";
import { api } from "../api.js";
import { resource } from "./resource.js";

const PAGE_SIZE = 100;

/** The repositories that were read so far, most recently pushed first within a page. */
export const repositories = signal<readonly GitHubRepository[]>([]);
let pages = 0;

/** The next page of the user's repositories. */
export const nextRepositories = resource(async (signal) => {
  const found = await api.listRepositories({ page: pages + 1, per_page: PAGE_SIZE }, { signal });
  pages += 1;
  const known = new Set(repositories.value.map(({ id }) => id));
  repositories.value = [...repositories.value, ...found.repositories.filter(({ id }) => !known.has(id))];
  return { total: found.total_count, hasMore: found.repositories.length === PAGE_SIZE };
});

/** Forgets all pages, and reads the first one. */
export function reloadRepositories(): Promise<void> {
  pages = 0;
  repositories.value = [];
  nextRepositories.clear();
  return nextRepositories.load();
}

/** Returns the branches of a repository whose name contains a text. */
export async function findBranches(fullName: string, search: string, signal: AbortSignal): Promise<readonly string[]> {
  const [owner = "", repo = ""] = fullName.split("/");
  const query = { owner, repo, per_page: 50, ...(search === "" ? {} : { search }) };
  const found = await api.listBranches(query, { signal });
  return found.branches.map(({ name }) => name);
}

/** Returns the page of a commit; `null` while the repository is not known. */
export function commitPage(fullName: string, sha: string | null): string | null {
  const found = repositories.value.find(({ full_name }) => full_name === fullName);
  return found === undefined || sha === null ? null : `${found.html_url}/commit/${sha}`;
}
