import type { Call } from "./route.js";

/** A page of a list, with the `Link` header (RFC 8288) to other pages. */
export interface Page<T> {
  items: T[];
  page: number;
  perPage: number;
  headers: Record<string, string>;
}

/**
 * Returns the page of a list for the query parameters `page` and `per_page` (at most 100).
 *
 * @param path REST path of the list for `Link`; for repositories GitHub uses `/repositories/{id}/…`
 * @param defaultSize number of items per page without `per_page`; defaults to 30
 */
export function paginate<T>(call: Call, path: string, all: readonly T[], defaultSize = 30): Page<T> {
  const page = positive(call.query.get("page"), 1);
  const requested = positive(call.query.get("per_page"), defaultSize);
  const perPage = call.query.has("per_page") ? Math.min(requested, 100) : requested;
  const last = Math.max(1, Math.ceil(all.length / perPage));
  const link = (to: number, rel: string): string => {
    const query = new URLSearchParams(call.query);
    query.set("page", String(to));
    return `<${call.addresses.api}${path}?${query}>; rel="${rel}"`;
  };
  const links = [
    ...(page > 1 ? [link(Math.min(page - 1, last), "prev")] : []),
    ...(page < last ? [link(page + 1, "next"), link(last, "last")] : []),
    ...(page > 1 ? [link(1, "first")] : []),
  ];
  return {
    items: all.slice((page - 1) * perPage, page * perPage),
    page,
    perPage,
    headers: links.length === 0 ? {} : { Link: links.join(", ") },
  };
}

function positive(text: string | null, otherwise: number): number {
  const number = Number(text ?? "");
  return Number.isInteger(number) && number > 0 ? number : otherwise;
}
