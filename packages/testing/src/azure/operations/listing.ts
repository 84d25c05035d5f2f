import { type Call, type Operation, rootOf } from "../http/operation.js";
import { nameOfMarker, nextMarker, pageSize } from "../http/paging.js";
import { has } from "../http/version.js";
import { attribute, element, isUnfitForXml, wrap, XML_HEAD } from "../http/xml.js";
import { foldName } from "../storage/names.js";
import type { StoredDirectory, StoredFile } from "../storage/stored-item.js";
import { entityTag, httpDate, isoDate } from "../storage/ticks.js";
import { directoryAt, pathOf } from "../storage/tree.js";

/**
 * Lists one level of a directory in pages.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/list-directories-and-files
 */
export const listDirectoriesAndFiles: Operation = {
  name: "ListDirectoriesAndFiles",
  method: "GET",
  level: "directory",
  comp: "list",
  needs: ["l"],
  readsSnapshots: true,
  handler: (call) => {
    const directory = directoryAt(rootOf(call), call.segments);
    const shown = shownProperties(call);
    const { items, next } = page(call, directory);
    const text = (name: string, value: string): string => maybeEncoded(name, value, call.version);
    const echo = (name: string, value: string | null): string => (value === null ? "" : element(name, value));
    const body = [
      echo("Marker", call.query.get("marker")),
      call.query.has("prefix") ? text("Prefix", call.query.get("prefix") ?? "") : "",
      echo("MaxResults", call.query.get("maxresults")),
      has(call.version, "fileIds") ? element("DirectoryId", directory.id) : "",
      wrap("Entries", items.map((item) => entry(item, shown, text)).join("")),
      nextMarker(next?.name),
    ];
    return {
      status: 200,
      contentType: "application/xml",
      body: `${XML_HEAD}${openTag(call, directory)}${body.join("")}</EnumerationResults>`,
    };
  },
};

/** Returns the entries of a page, and the first entry of the next page. */
function page(call: Call, directory: StoredDirectory) {
  const limit = pageSize(call.query);
  const prefix = foldName(call.query.get("prefix") ?? "");
  const items: (StoredFile | StoredDirectory)[] = [];
  for (const item of directory.from(nameOfMarker(call.query) ?? prefix)) {
    if (!foldName(item.name).startsWith(prefix)) break;
    if (items.length === limit) return { items, next: item };
    items.push(item);
  }
  return { items, next: undefined };
}

/** The properties that a listing includes for each entry. */
interface ShownProperties {
  ids: boolean;
  timestamps: boolean;
  etag: boolean;
  attributes: boolean;
  permissionKey: boolean;
  /** True for current sizes; false for the sizes when SMB clients last closed the files. */
  current: boolean;
}

function shownProperties({ query, headers, version }: Call): ShownProperties {
  const included = (query.get("include") ?? "").toLowerCase().split(",");
  const isExtended = has(version, "extendedListing");
  const shows = (name: string): boolean => isExtended && included.includes(name);
  const any = ["timestamps", "etag", "attributes", "permissionkey"].some(shows);
  return {
    ids: has(version, "fileIds"),
    timestamps: shows("timestamps"),
    etag: shows("etag"),
    attributes: shows("attributes"),
    permissionKey: shows("permissionkey"),
    current: any || (isExtended && headers.get("x-ms-file-extended-info") === "true"),
  };
}

function openTag({ location, query, version }: Call, directory: StoredDirectory): string {
  const path = pathOf(directory);
  const isEncoded = has(version, "encodedNames") && isUnfitForXml(path);
  const snapshot = query.get("sharesnapshot");
  return [
    "<EnumerationResults",
    attribute("ServiceEndpoint", location.endpoint),
    attribute("ShareName", location.share),
    snapshot === null ? "" : attribute("ShareSnapshot", snapshot),
    attribute("DirectoryPath", isEncoded ? encodeURIComponent(path) : path),
    isEncoded ? attribute("Encoded", "true") : "",
    ">",
  ].join("");
}

function entry(
  item: StoredFile | StoredDirectory,
  shown: ShownProperties,
  text: (name: string, value: string) => string,
): string {
  const { times } = item;
  const listed = item.kind === "file" ? item.shown : undefined;
  const modified = listed?.modified ?? item.modified;
  const size = (item.kind === "file" && (shown.current ? item.content.size : (listed?.size ?? item.content.size))) || 0;
  const properties = [
    item.kind === "file" ? element("Content-Length", String(size)) : "",
    shown.timestamps
      ? element("CreationTime", isoDate(times.creation)) +
        element("LastAccessTime", isoDate(times.lastAccess)) +
        element("LastWriteTime", isoDate(times.lastWrite)) +
        element("ChangeTime", isoDate(times.change)) +
        element("Last-Modified", httpDate(modified))
      : "",
    shown.etag ? element("Etag", entityTag(modified)) : "",
  ];
  return wrap(
    item.kind === "file" ? "File" : "Directory",
    [
      text("Name", item.name),
      shown.ids ? element("FileId", item.id) : "",
      wrap("Properties", properties.join("")),
      shown.attributes ? element("Attributes", item.attributes) : "",
      shown.permissionKey ? element("PermissionKey", item.permissionKey) : "",
    ].join(""),
  );
}

/** Returns an element with a name, percent-encoded with `Encoded="true"` when XML cannot represent the name. */
function maybeEncoded(name: string, value: string, version: string): string {
  if (!isUnfitForXml(value) || !has(version, "encodedNames")) return element(name, value);
  return `<${name} Encoded="true">${encodeURIComponent(value)}</${name}>`;
}
