import { invalidQuery } from "../azure-error.js";
import { element } from "./xml.js";

const LARGEST_PAGE = 5000;

/**
 * Returns the number of entries per page: `maxresults`, at most 5,000.
 *
 * @throws AzureError `InvalidQueryParameterValue` or `OutOfRangeQueryParameterValue`
 */
export function pageSize(query: URLSearchParams): number {
  const text = query.get("maxresults");
  if (text === null || text === "") return LARGEST_PAGE;
  const size = Number(text);
  if (!Number.isInteger(size)) throw invalidQuery("maxresults", text, "It is not an integer.");
  if (size < 1) throw invalidQuery("maxresults", text, "It is less than 1.", "OutOfRangeQueryParameterValue");
  return Math.min(size, LARGEST_PAGE);
}

/**
 * Returns the name that a page begins with, read from `marker`; `undefined` for the first page.
 *
 * @throws AzureError `InvalidQueryParameterValue`
 */
export function nameOfMarker(query: URLSearchParams): string | undefined {
  const marker = query.get("marker");
  if (marker === null || marker === "") return undefined;
  const [, encoded] = /^1!\d+!(.+)$/.exec(marker) ?? [];
  if (encoded === undefined) throw invalidQuery("marker", marker, "It is not a marker of this service.");
  return Buffer.from(encoded, "base64").toString();
}

/** Returns the `NextMarker` element for the page that begins with a name. A marker is opaque: version, length, and the name in base64. */
export function nextMarker(name: string | undefined): string {
  if (name === undefined) return element("NextMarker", "");
  const encoded = Buffer.from(name).toString("base64");
  return element("NextMarker", `1!${encoded.length}!${encoded}`);
}
