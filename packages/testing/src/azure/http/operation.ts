import type { Account } from "../account.js";
import { AzureError, invalidQuery } from "../azure-error.js";
import type { Share } from "../storage/share.js";
import type { StoredDirectory } from "../storage/stored-item.js";
import type { Location } from "./location.js";
import type { RecordedAzureRequest } from "./request-log.js";
import type { OperationResponse } from "./respond.js";

/** What an operation is about, by the address: the account, `restype=share`, `restype=directory`, or a file. */
export type Level = "service" | "share" | "directory" | "file";

/** What a shared access signature must allow: read, write, delete, list, create. */
export type Need = "r" | "w" | "d" | "l" | "c";

/** One request while it is being answered. */
export interface Call {
  account: Account;
  location: Location;
  /** Names below the share, trailing dots trimmed as the request has it. */
  segments: readonly string[];
  query: URLSearchParams;
  headers: Headers;
  version: string;
  record: RecordedAzureRequest;
  /** The request's body, of at most so many bytes. */
  body: (limit: number) => Promise<Uint8Array>;
}

/** One operation of the REST API. */
export interface Operation {
  /** By the title of its page below https://learn.microsoft.com/rest/api/storageservices/. */
  name: string;
  method: "GET" | "HEAD" | "PUT" | "DELETE";
  level: Level;
  /** The query's `comp`. */
  comp?: string;
  /** Any one of these suffices. */
  needs: readonly Need[];
  /** Whether it can be done on a snapshot. */
  readsSnapshots?: boolean;
  handler: (call: Call) => OperationResponse | Promise<OperationResponse>;
}

/** The operation that a request asks for. */
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

/** The share of a call; never a snapshot. */
export function shareOf({ account, location }: Call): Share {
  return account.share(location.share);
}

/** The root that a call reads: the share's, or that of the snapshot it names. */
export function rootOf(call: Call): StoredDirectory {
  const share = shareOf(call);
  const name = call.query.get("sharesnapshot");
  if (name === null) return share.root;
  const snapshot = share.snapshots.get(name);
  if (snapshot !== undefined) return snapshot.root;
  if (Number.isNaN(Date.parse(name))) throw invalidQuery("sharesnapshot", name, "It is no date.");
  throw new AzureError("ShareNotFound");
}

/** Metadata that a request sets: its `x-ms-meta-*` headers. */
export function metadataOf(headers: Headers): Record<string, string> {
  const metadata: Record<string, string> = {};
  for (const [name, value] of headers) {
    if (name.startsWith("x-ms-meta-")) metadata[name.slice("x-ms-meta-".length)] = value;
  }
  return metadata;
}

/** The headers of an answer that tell metadata. */
export function metadataHeaders(metadata: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`x-ms-meta-${name}`, value]));
}
