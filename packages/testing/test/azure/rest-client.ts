import { createHmac, randomUUID } from "node:crypto";
import { request as httpRequest } from "node:http";
import type { AzureFilesBox } from "../../src/index.js";

/** A response. */
export interface RestResponse {
  status: number;
  /** Headers by name in lower case, without connection headers. */
  headers: Record<string, string>;
  body: Buffer;
}

/** The options of a request. */
export interface RestRequest {
  version?: string;
  headers?: Record<string, string>;
  body?: Buffer;
  /** Defaults to `shared-key`, which signs with the account's key. */
  authorization?: "shared-key" | "none" | `Bearer ${string}`;
}

/** Sends a request to a path of the account, including the query. */
export type RestClient = (method: string, path: string, request?: RestRequest) => Promise<RestResponse>;

/** Creates a plain HTTP client of a listening box that signs requests. */
export function restClient(box: AzureFilesBox): RestClient {
  return async (method, path, { version, headers: more = {}, body, authorization = "shared-key" } = {}) => {
    const url = new URL(box.endpoint + path);
    const headers: Record<string, string> = {
      "x-ms-date": new Date().toUTCString(),
      "x-ms-client-request-id": randomUUID(),
      ...(version === undefined ? {} : { "x-ms-version": version }),
      ...(method === "GET" || method === "HEAD" ? {} : { "Content-Length": String(body?.length ?? 0) }),
      ...more,
    };
    if (authorization === "shared-key") headers.Authorization = sharedKey(box, method, url, headers);
    else if (authorization !== "none") headers.Authorization = authorization;
    return send(method, url, headers, body);
  };
}

/** @see https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key */
function sharedKey(box: AzureFilesBox, method: string, url: URL, headers: Record<string, string>): string {
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const length = lower["content-length"] === "0" ? "" : lower["content-length"];
  const signed = [
    method,
    lower["content-encoding"],
    lower["content-language"],
    length,
    lower["content-md5"],
    lower["content-type"],
    "",
    lower["if-modified-since"],
    lower["if-match"],
    lower["if-none-match"],
    lower["if-unmodified-since"],
    lower.range,
  ];
  const extensions = Object.keys(lower)
    .filter((name) => name.startsWith("x-ms-"))
    .sort()
    .map((name) => `${name}:${lower[name]}`);
  const parameters = [...url.searchParams]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}:${value}`);
  const text = [
    ...signed.map((value) => value ?? ""),
    ...extensions,
    `/${box.accountName}${url.pathname}`,
    ...parameters,
  ];
  const hmac = createHmac("sha256", Buffer.from(box.accountKey, "base64")).update(text.join("\n"));
  return `SharedKey ${box.accountName}:${hmac.digest("base64")}`;
}

function send(
  method: string,
  url: URL,
  headers: Record<string, string>,
  body: Buffer | undefined,
): Promise<RestResponse> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(url, { method, headers, agent: false }, (incoming) => {
      const pieces: Buffer[] = [];
      incoming.on("data", (piece: Buffer) => pieces.push(piece));
      incoming.on("error", reject);
      incoming.on("end", () => {
        const { connection, "keep-alive": keepAlive, ...rest } = incoming.headers;
        const named = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, String(value)]));
        resolve({ status: incoming.statusCode ?? 0, headers: named, body: Buffer.concat(pieces) });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
