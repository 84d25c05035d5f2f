import type { Account } from "../account.js";
import { AzureError, invalidQuery } from "../azure-error.js";
import type { Share } from "../storage/share.js";
import type { StoredDirectory } from "../storage/stored-item.js";
import type { Location } from "./location.js";
import type { RecordedAzureRequest } from "./request-log.js";
import type { OperationResponse } from "./respond.js";

/** The kind of resource that a URL addresses: the account, a share (`restype=share`), a directory (`restype=directory`) or a file. */
export type Level = "service" | "share" | "directory" | "file";

/** A permission of a shared access signature: read, write, delete, list or create. */
export type Need = "r" | "w" | "d" | "l" | "c";

/** A request for an operation. */
export interface Call {
  account: Account;
  location: Location;
  /** Path segments below the share. Trailing dots are removed unless the request keeps them. */
  segments: readonly string[];
  query: URLSearchParams;
  headers: Headers;
  version: string;
  record: RecordedAzureRequest;
  /** Reads the body. Rejects with `RequestBodyTooLarge` above `limit` bytes. */
  body: (limit: number) => Promise<Uint8Array>;
}

/** An operation of the REST API. */
export interface Operation {
  /** Title of its page below https://learn.microsoft.com/rest/api/storageservices/, without spaces. */
  name: string;
  method: "GET" | "HEAD" | "PUT" | "DELETE";
  level: Level;
  /** Value of the query parameter `comp`. */
  comp?: string;
  /** Permissions of a shared access signature; one of them is enough. */
  needs: readonly Need[];
  /** True when the operation works on snapshots. */
  readsSnapshots?: boolean;
  handler: (call: Call) => OperationResponse | Promise<OperationResponse>;
}

/** Returns the operation for a method and URL, or `undefined` when there is none. */
export function findOperation(
  operations: readonly Operation[],
  method: string,
  { share }: Location,
  query: URLSearchParams,
): Operation | undefined {
  const level = levelOf(share, query.get("restype"));
  const comp = query.get("comp") ?? undefined;
  return operations.find(
    (operation) =>
      operation.level === level &&
      operation.comp === comp &&
      (operation.method === method || (method === "HEAD" && operation.method === "GET" && level !== "file")),
  );
}

function levelOf(share: string, restype: string | null): Level | undefined {
  if (share === "") return "service";
  if (restype === null) return "file";
  return restype === "share" || restype === "directory" ? restype : undefined;
}

/** Returns the share of a call, not a snapshot of it. */
export function shareOf({ account, location }: Call): Share {
  return account.share(location.share);
}

/** Returns the root directory that a call reads: the share's, or the one of the snapshot that the query names. */
export function rootOf(call: Call): StoredDirectory {
  const share = shareOf(call);
  const name = call.query.get("sharesnapshot");
  if (name === null) return share.root;
  const snapshot = share.snapshots.get(name);
  if (snapshot !== undefined) return snapshot.root;
  if (Number.isNaN(Date.parse(name))) throw invalidQuery("sharesnapshot", name, "It is not a date.");
  throw new AzureError("ShareNotFound");
}

/** Reads the metadata that a request sets with `x-ms-meta-*` headers. */
export function metadataOf(headers: Headers): Record<string, string> {
  const metadata: Record<string, string> = {};
  for (const [name, value] of headers) {
    if (name.startsWith("x-ms-meta-")) metadata[name.slice("x-ms-meta-".length)] = value;
  }
  return metadata;
}

/** Returns metadata as `x-ms-meta-*` headers. */
export function metadataHeaders(metadata: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`x-ms-meta-${name}`, value]));
}
