import type { GitHubClient, GitHubRequestOptions, GitHubResponse, ResponseHeaders } from "./github-client.js";

/**
 * The query parameters of the page that a `Link` header calls `next` or `last`; `null` when it names none.
 *
 * @see https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
 */
export function linkedPage(
  headers: ResponseHeaders,
  relation: "next" | "last",
): Readonly<Record<string, string>> | null {
  for (const link of (headers.link ?? "").split(/,\s*(?=<)/)) {
    const [, url, named] = /^<([^>]*)>\s*;.*?\brel="([^"]*)"/.exec(link) ?? [];
    if (url === undefined || named !== relation) continue;
    const query = url.indexOf("?");
    return query === -1 ? {} : Object.fromEntries(new URLSearchParams(url.slice(query + 1)));
  }
  return null;
}

/**
 * Reads page after page, 100 items each. Only the query of the next link is taken over: its host and path stay the
 * route's, so that the token goes nowhere else.
 */
export async function* pages(
  client: GitHubClient,
  route: string,
  parameters: Readonly<Record<string, unknown>>,
  options: GitHubRequestOptions & { readonly expect?: readonly number[] },
): AsyncGenerator<GitHubResponse> {
  let query: Readonly<Record<string, unknown>> | null = { per_page: 100 };
  while (query !== null) {
    const page: GitHubResponse = await client.request(route, { ...parameters, ...query }, options);
    yield page;
    query = linkedPage(page.headers, "next");
  }
}

/** How many items a list has, from one answer that was asked for with `per_page: 1`: the number of its last page. */
export function totalCount(headers: ResponseHeaders, itemsOnPage: number): number {
  const last = Number(linkedPage(headers, "last")?.page);
  return Number.isInteger(last) ? last : itemsOnPage;
}
