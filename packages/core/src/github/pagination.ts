import { unreadableError } from "./error-mapping.js";
import type { GitHubClient, GitHubRequestOptions, GitHubResponse, ResponseHeaders } from "./github-client.js";

const LINK = /<([^<>]*)>; ?rel="(\w+)"/g;
const MAX_PAGES = 1_000;

/**
 * Returns the query parameters of the `next` or `last` page in a `Link` header, or `null` if the header does not have it.
 *
 * @see https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
 */
export function linkedPage(
  headers: ResponseHeaders,
  relation: "next" | "last",
): Readonly<Record<string, string>> | null {
  for (const [, url = "", named] of (headers.link ?? "").matchAll(LINK)) {
    if (named !== relation) continue;
    const query = url.indexOf("?");
    return query === -1 ? {} : Object.fromEntries(new URLSearchParams(url.slice(query + 1)));
  }
  return null;
}

/**
 * Reads all pages of a list, 100 items each. Only the query of the next link is used: host and path stay those of the
 * route, so that the token is never sent elsewhere.
 *
 * @throws GitHubSdkError `github_unavailable` after 1,000 pages, and what the client maps
 */
export async function* pages(
  client: GitHubClient,
  route: string,
  parameters: Readonly<Record<string, unknown>>,
  options: GitHubRequestOptions & { readonly expect?: readonly number[] },
): AsyncGenerator<GitHubResponse> {
  let query: Readonly<Record<string, unknown>> | null = { per_page: 100 };
  for (let count = 0; query !== null; count += 1) {
    if (count === MAX_PAGES)
      throw unreadableError(new Error(`The list at ${route} does not end after ${MAX_PAGES} pages.`));
    const page: GitHubResponse = await client.request(route, { ...parameters, ...query }, options);
    yield page;
    query = linkedPage(page.headers, "next");
  }
}

/** Returns the number of items in a list from a response that was requested with `per_page: 1`: the number of its last page. */
export function totalCount(headers: ResponseHeaders, itemsOnPage: number): number {
  const last = Number(linkedPage(headers, "last")?.page);
  return Number.isInteger(last) ? last : itemsOnPage;
}
