import { AzureError, invalidHeader } from "../azure-error.js";
import type { ByteRange } from "../storage/content.js";

/** The range that a request names: `x-ms-range` before `Range`. An open end is undefined; undefined where there is none. */
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

/** The part of a file that a request wants; undefined for all of it. Throws Azure's 416. */
export function rangeWithin(headers: Headers, size: number): ByteRange | undefined {
  const range = requestRange(headers);
  if (range === undefined) return undefined;
  if (range.start >= size) throw new AzureError("InvalidRange", { headers: { "Content-Range": `bytes */${size}` } });
  return { start: range.start, end: Math.min(range.end ?? size - 1, size - 1) };
}

/** The range that a request writes: it names both ends and lies in the file. */
export function writtenRange(headers: Headers, size: number): ByteRange {
  const range = requestRange(headers);
  if (range?.end === undefined) throw invalidHeader("x-ms-range", headers.get("x-ms-range"));
  if (range.end >= size) throw new AzureError("InvalidRange", { headers: { "Content-Range": `bytes */${size}` } });
  return { start: range.start, end: range.end };
}
