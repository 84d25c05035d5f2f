import { invalidQuery } from "../azure-error.js";
import { element } from "./xml.js";

const LARGEST_PAGE = 5000;

/** How many entries a page may have. Throws Azure's 400. */
export function pageSize(query: URLSearchParams): number {
  const text = query.get("maxresults");
  if (text === null || text === "") return LARGEST_PAGE;
  const size = Number(text);
  if (!Number.isInteger(size)) throw invalidQuery("maxresults", text, "It is no number.");
  if (size < 1) throw invalidQuery("maxresults", text, "It is less than 1.", "OutOfRangeQueryParameterValue");
  return Math.min(size, LARGEST_PAGE);
}

/** Where a page begins: the name in its marker. Throws Azure's 400. */
export function nameOfMarker(query: URLSearchParams): string | undefined {
  const marker = query.get("marker");
  if (marker === null || marker === "") return undefined;
  const [, encoded] = /^1!\d+!(.+)$/.exec(marker) ?? [];
  if (encoded === undefined) throw invalidQuery("marker", marker, "It is none that was given out.");
  return Buffer.from(encoded, "base64").toString();
}

/** The marker of the page that begins with a name. Azure's are opaque: version, length, and the name in base64. */
export function nextMarker(name: string | undefined): string {
  if (name === undefined) return element("NextMarker", "");
  const encoded = Buffer.from(name).toString("base64");
  return element("NextMarker", `1!${encoded.length}!${encoded}`);
}
