import type { Account } from "../account.js";
import { authenticationFailed } from "./authentication-failed.js";
import { isSignedBy } from "./hmac.js";

/** Milliseconds that a request's date may differ from the server's time. */
const TOLERANCE = 15 * 60 * 1000;

/** The headers whose values are part of the string to sign, in this order. */
const SIGNED_HEADERS = [
  "content-encoding",
  "content-language",
  "content-length",
  "content-md5",
  "content-type",
  "date",
  "if-modified-since",
  "if-match",
  "if-none-match",
  "if-unmodified-since",
  "range",
];

/**
 * Checks an `Authorization: SharedKey {account}:{signature}` header.
 *
 * @throws AzureError `AuthenticationFailed`
 * @see https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key
 */
export function checkSharedKey(account: Account, request: Request, authorization: string): void {
  const [, name, signature] = /^SharedKey ([^:]+):(.+)$/.exec(authorization) ?? [];
  if (signature === undefined || name !== account.name) {
    throw authenticationFailed(`The account '${name ?? ""}' is not the one that the address names.`);
  }
  checkDate(request.headers);
  const text = stringToSign(account.name, request);
  if (isSignedBy(account.keys, text, signature)) return;
  throw authenticationFailed(
    `The MAC signature found in the HTTP request '${signature}' is not the same as any computed signature. Server used following string to sign: '${text}'.`,
  );
}

/** Compares the request's date with the system time, because clients do not use the box's clock. */
function checkDate(headers: Headers): void {
  const text = headers.get("x-ms-date") ?? headers.get("date") ?? "";
  if (Math.abs(Date.parse(text) - Date.now()) <= TOLERANCE) return;
  throw authenticationFailed(`Request date header too old: '${text}'`);
}

function stringToSign(account: string, request: Request): string {
  const { headers } = request;
  const hasDate = headers.has("x-ms-date");
  const values = SIGNED_HEADERS.map((name) => {
    const value = headers.get(name) ?? "";
    const isUnsigned = (name === "content-length" && value === "0") || (name === "date" && hasDate);
    return isUnsigned ? "" : value;
  });
  return [
    request.method,
    ...values,
    ...canonicalHeaders(headers),
    canonicalResource(account, new URL(request.url)),
  ].join("\n");
}

function canonicalHeaders(headers: Headers): string[] {
  return [...headers]
    .filter(([name]) => name.startsWith("x-ms-"))
    .sort(([a], [b]) => compareHeaderNames(a, b))
    .map(([name, value]) => `${name}:${value.replaceAll(/\s+/g, " ").trim()}`);
}

/** Compares names as .NET's culture does: hyphens decide only between otherwise equal names, `_` sorts before digits and letters. */
function compareHeaderNames(a: string, b: string): number {
  return compare(weight(a), weight(b)) || compare(a, b);
}

function weight(name: string): string {
  return name.replaceAll("-", "").replaceAll("_", "!");
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function canonicalResource(account: string, { pathname, searchParams }: URL): string {
  const values = new Map<string, string[]>();
  for (const [name, value] of searchParams) {
    const key = name.toLowerCase();
    values.set(key, [...(values.get(key) ?? []), value]);
  }
  const parameters = [...values]
    .sort(([a], [b]) => compare(a, b))
    .map(([name, list]) => `\n${name}:${list.sort().join(",")}`);
  return `/${account}${pathname}${parameters.join("")}`;
}
