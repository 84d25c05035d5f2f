import { AzureError, invalidHeader } from "../azure-error.js";
import type { ByteRange } from "../storage/content.js";

/** Parses the range of a request; `x-ms-range` takes precedence over `Range`. An open range has no `end`. */
export function requestRange(headers: Headers): { start: number; end: number | undefined } | undefined {
  const name = headers.has("x-ms-range") ? "x-ms-range" : "Range";
  const text = headers.get(name);
  if (text === null) return undefined;
  const match = /^bytes=(\d+)-(\d*)$/.exec(text);
  const start = Number(match?.[1]);
  const end = match?.[2] === "" ? undefined : Number(match?.[2]);
  if (match === null || (end !== undefined && end < start)) throw invalidHeader(name, text);
  return { start, end };
}

/**
 * Returns the range of a file that a request reads, or `undefined` for the whole file.
 *
 * @throws AzureError `InvalidRange`
 */
export function rangeWithin(headers: Headers, size: number): ByteRange | undefined {
  const range = requestRange(headers);
  if (range === undefined) return undefined;
  if (range.start >= size) throw new AzureError("InvalidRange", { headers: { "Content-Range": `bytes */${size}` } });
  return { start: range.start, end: Math.min(range.end ?? size - 1, size - 1) };
}

/**
 * Returns the range that a request writes. It must have both ends and lie within the file.
 *
 * @throws AzureError `InvalidRange` or `InvalidHeaderValue`
 */
export function writtenRange(headers: Headers, size: number): ByteRange {
  const range = requestRange(headers);
  if (range?.end === undefined) throw invalidHeader("x-ms-range", headers.get("x-ms-range"));
  if (range.end >= size) throw new AzureError("InvalidRange", { headers: { "Content-Range": `bytes */${size}` } });
  return { start: range.start, end: range.end };
}
