import { AzureError, invalidHeader } from "../azure-error.js";
import type { StoredDirectory, StoredFile } from "../storage/stored-item.js";
import { entityTag, httpDate, isoDate, parseIsoDate, type Ticks } from "../storage/ticks.js";
import { has } from "./version.js";

/** Returns the headers `ETag` and `Last-Modified`. */
export function validators(modified: Ticks): Record<string, string> {
  return { ETag: entityTag(modified), "Last-Modified": httpDate(modified) };
}

/** Returns the SMB properties of a file or directory as headers. */
export function smbHeaders(item: StoredFile | StoredDirectory, version: string): Record<string, string> {
  if (!has(version, "smbProperties")) return {};
  return {
    "x-ms-file-attributes": item.attributes,
    "x-ms-file-creation-time": isoDate(item.times.creation),
    "x-ms-file-last-write-time": isoDate(item.times.lastWrite),
    "x-ms-file-change-time": isoDate(item.times.change),
    "x-ms-file-permission-key": item.permissionKey,
    "x-ms-file-id": item.id,
    "x-ms-file-parent-id": item.parent?.id ?? "0",
  };
}

/**
 * Sets the attributes, times and permissions that a request specifies.
 *
 * @throws AzureError `InvalidHeaderValue` or `FileInvalidPermission`
 */
export function applySmbProperties(item: StoredFile | StoredDirectory, headers: Headers): void {
  checkPermission(headers.get("x-ms-file-permission"));
  const key = headers.get("x-ms-file-permission-key");
  if (key !== null) item.permissionKey = key;
  const attributes = headers.get("x-ms-file-attributes");
  if (attributes !== null && attributes.toLowerCase() !== "preserve")
    item.attributes = parseAttributes(item, attributes);
  const { times } = item;
  times.creation = time(headers, "x-ms-file-creation-time", times.creation, item.modified);
  times.lastWrite = time(headers, "x-ms-file-last-write-time", times.lastWrite, item.modified);
  times.change = time(headers, "x-ms-file-change-time", times.change, item.modified);
}

/** A permission is `inherit`, `preserve` or a security descriptor (SDDL). */
function checkPermission(permission: string | null): void {
  if (permission === null || /^(inherit|preserve)$/i.test(permission) || /^[OGDS]:/.test(permission)) return;
  throw new AzureError("FileInvalidPermission");
}

const ATTRIBUTES = [
  "ReadOnly",
  "Hidden",
  "System",
  "Archive",
  "Temporary",
  "Offline",
  "NotContentIndexed",
  "NoScrubData",
];

function parseAttributes(item: StoredFile | StoredDirectory, text: string): string {
  const known = item.kind === "directory" ? ["Directory", ...ATTRIBUTES] : ATTRIBUTES;
  const named = text.split("|").map((name) => name.trim().toLowerCase());
  const found = known.filter((name) => named.includes(name.toLowerCase()));
  if (found.length !== named.filter((name) => name !== "none").length) {
    throw invalidHeader("x-ms-file-attributes", text);
  }
  if (item.kind === "directory" && !found.includes("Directory")) found.unshift("Directory");
  return found.length === 0 ? "Archive" : found.join(" | ");
}

function time(headers: Headers, name: string, before: Ticks, now: Ticks): Ticks {
  const text = headers.get(name);
  if (text === null || /^preserve$/i.test(text)) return before;
  if (/^now$/i.test(text)) return now;
  const parsed = parseIsoDate(text);
  if (parsed === undefined) throw invalidHeader(name, text);
  return parsed;
}
