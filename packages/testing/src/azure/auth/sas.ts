import type { Account } from "../account.js";
import { AzureError } from "../azure-error.js";
import type { Location } from "../http/location.js";
import type { Level, Operation } from "../http/operation.js";
import { authenticationFailed } from "./authentication-failed.js";
import { isSignedBy, sign } from "./hmac.js";

/** The scope and lifetime of a shared access signature (SAS). */
export interface SasOptions {
  /** Any of the letters `r` (read), `w` (write), `d` (delete), `l` (list) and `c` (create). Defaults to `rl`. */
  permissions?: string;
  /** Milliseconds since the epoch. Defaults to one hour from now by the box's clock. */
  expiresOn?: number;
  startsOn?: number;
  /** Limits the signature to this share (a service SAS). Defaults to the whole account. */
  share?: string;
  /** With `share`: limits the signature to this file. */
  file?: string;
  /** For an account SAS, any of `s` (service), `c` (container) and `o` (object). Defaults to `sco`. */
  resourceTypes?: string;
  /** For an account SAS, any of `f` (file), `b` (blob), `q` (queue) and `t` (table). Defaults to `f`. */
  services?: string;
  /** Defaults to `2022-11-02`. */
  version?: string;
}

/** Creates the query parameters of a shared access signature. */
export function createSas(account: Account, options: SasOptions): URLSearchParams {
  const { permissions = "rl", expiresOn = account.clock() + 3_600_000, startsOn, share, file } = options;
  const query = new URLSearchParams({ sv: options.version ?? "2022-11-02", sp: permissions, se: date(expiresOn) });
  if (startsOn !== undefined) query.set("st", date(startsOn));
  if (share === undefined) {
    query.set("ss", options.services ?? "f");
    query.set("srt", options.resourceTypes ?? "sco");
  } else query.set("sr", file === undefined ? "s" : "f");
  const path = file === undefined ? (share ?? "") : `${share}/${file}`;
  query.set(
    "sig",
    sign(account.keys[0], share === undefined ? accountText(account, query) : serviceText(account, query, path)),
  );
  return query;
}

function date(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");
}

/**
 * Checks that the signature in the query is valid, has not expired and allows the operation.
 *
 * @throws AzureError with status 403 when it is not
 * @see https://learn.microsoft.com/rest/api/storageservices/delegate-access-with-shared-access-signature
 */
export function checkSas(account: Account, url: URL, location: Location, operation: Operation | undefined): void {
  const query = url.searchParams;
  const isOfAccount = query.has("ss");
  const isOfFile = query.get("sr") === "f";
  const path = [location.share, ...(isOfFile ? location.segments : [])].join("/");
  const text = isOfAccount ? accountText(account, query) : serviceText(account, query, path);
  if (!isSignedBy(account.keys, text, query.get("sig") ?? "")) {
    throw authenticationFailed(`Signature did not match. String to sign used was ${text}`);
  }
  checkTime(account, query);
  if (query.get("spr") === "https" && url.protocol !== "https:") throw new AzureError("AuthorizationProtocolMismatch");
  if (operation === undefined) return;
  if (isOfAccount) checkAccountScope(query, operation.level);
  else checkServiceScope(operation, isOfFile);
  const permissions = query.get("sp") ?? "";
  if (!operation.needs.some((need) => permissions.includes(need))) {
    throw new AzureError("AuthorizationPermissionMismatch");
  }
}

function checkTime(account: Account, query: URLSearchParams): void {
  const now = account.clock();
  const start = query.get("st");
  const expiry = query.get("se");
  const isEarly = start !== null && Date.parse(start) > now;
  // A missing or invalid date is NaN, which is not greater than `now`.
  if (!isEarly && Date.parse(expiry ?? "") > now) return;
  const current = new Date(now).toUTCString();
  throw authenticationFailed(
    `Signature not valid in the specified time frame: Start [${httpDate(start)}] - Expiry [${httpDate(expiry)}] - Current [${current}]`,
  );
}

function httpDate(text: string | null): string {
  return text === null ? "" : new Date(text).toUTCString();
}

const RESOURCE_TYPES: Readonly<Record<Level, string>> = { service: "s", share: "c", directory: "o", file: "o" };

function checkAccountScope(query: URLSearchParams, level: Level): void {
  if (!query.get("ss")?.includes("f")) throw new AzureError("AuthorizationServiceMismatch");
  if (!query.get("srt")?.includes(RESOURCE_TYPES[level])) throw new AzureError("AuthorizationResourceTypeMismatch");
}

/** A service SAS allows operations on files and directories, but not on the share itself. */
function checkServiceScope({ level }: Operation, isOfFile: boolean): void {
  if (level === "file" || (level === "directory" && !isOfFile)) return;
  throw new AzureError("AuthorizationFailure");
}

function values(query: URLSearchParams, names: readonly string[]): string[] {
  return names.map((name) => query.get(name) ?? "");
}

/** @see https://learn.microsoft.com/rest/api/storageservices/create-account-sas#construct-the-signature-string */
function accountText(account: Account, query: URLSearchParams): string {
  const hasEncryptionScope = (query.get("sv") ?? "") >= "2020-12-06";
  const names = ["sp", "ss", "srt", "st", "se", "sip", "spr", "sv", ...(hasEncryptionScope ? ["ses"] : [])];
  return `${[account.name, ...values(query, names)].join("\n")}\n`;
}

/** @see https://learn.microsoft.com/rest/api/storageservices/create-service-sas#construct-the-signature-string */
function serviceText(account: Account, query: URLSearchParams, path: string): string {
  return [
    ...values(query, ["sp", "st", "se"]),
    `/file/${account.name}/${path}`,
    ...values(query, ["si", "sip", "spr", "sv", "rscc", "rscd", "rsce", "rscl", "rsct"]),
  ].join("\n");
}
