import type { Credential } from "../accounts/credential.js";
import type { Platform } from "../platform.js";
import type { Need } from "../repositories/access.js";
import type { BoxRepository } from "../repositories/repository.js";
import type { Addresses } from "./addresses.js";

/** An HTTP method of the API. */
export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** One request while it is being answered. */
export interface Call {
  platform: Platform;
  method: Method;
  /** Path parameters, decoded. */
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  headers: Headers;
  /** The JSON body; undefined when there was none. */
  body: Record<string, unknown> | undefined;
  credential: Credential | undefined;
  addresses: Addresses;
}

/** A call about a repository that the caller may see. */
export interface RepositoryCall extends Call {
  repository: BoxRepository;
}

/** What a handler answers. */
export interface RestResponse {
  status: number;
  /** JSON; absent for an answer without a body. */
  body?: unknown;
  /** Instead of JSON, these bytes of this type. */
  raw?: { bytes: Uint8Array; contentType: string };
  headers?: Record<string, string>;
  /** For `Last-Modified`: seconds since the epoch. */
  lastModified?: number;
  /** Where GitHub's entity tag is known to be something else than a digest of the body. */
  etag?: string;
}

/** One operation of the REST API. */
export interface Route {
  method: Method;
  /** The path as GitHub's OpenAPI description writes it. */
  template: string;
  /** Page and anchor below https://docs.github.com/rest/. */
  docs: string;
  /** Accepted OAuth scopes, for the header. */
  scopes?: readonly string[];
  /** Who calls when it is not a token's owner: an application with client id and secret, or a GitHub App with its JWT. */
  authentication?: "client" | "app";
  /** What the caller must be allowed; absent: anybody may call it. */
  need?: Need;
  handler: (call: Call) => RestResponse | Promise<RestResponse>;
}

/** Parameters that may hold slashes, encoded or not. */
const SPANNING = new Set(["basehead", "branch", "path", "ref", "tree_sha"]);

/** An operation on a repository: found, redirected and guarded before the handler runs. */
export interface RepositoryRoute extends Omit<Route, "handler" | "need"> {
  need: Need;
  /** Whether it may run on an archived repository although it writes. */
  worksOnArchived?: boolean;
  repositoryHandler: (call: RepositoryCall) => RestResponse | Promise<RestResponse>;
}

/** A template made ready to match. */
export interface Pattern {
  pattern: RegExp;
  names: readonly string[];
}

/** A route of either kind, with its template made ready to match. */
export type CompiledRoute = (Route | RepositoryRoute) & Pattern;

/** Makes a route's template ready to match. */
export function compileRoute(route: Route | RepositoryRoute): CompiledRoute {
  return { ...route, ...compileTemplate(route.template) };
}

/** Makes a template ready to match. */
export function compileTemplate(template: string): Pattern {
  const names: string[] = [];
  const pattern = template.replace(/\/?\{(\w+)\}/g, (whole, name: string) => {
    names.push(name);
    const slash = whole.startsWith("/") ? "/" : "";
    if (name === "path") return "(?:/(.*))?";
    return SPANNING.has(name) ? `${slash}(.+)` : `${slash}([^/]+)`;
  });
  return { pattern: new RegExp(`^${pattern}$`), names };
}

/** The first route that takes this method and (still encoded) path. */
export function matchRoute<T extends Pattern & { method: string }>(
  routes: readonly T[],
  method: string,
  path: string,
): { route: T; params: Record<string, string> } | undefined {
  for (const route of routes) {
    if (route.method !== method) continue;
    const match = route.pattern.exec(path);
    if (match === null) continue;
    const params: Record<string, string> = {};
    route.names.forEach((name, index) => {
      params[name] = decode(match[index + 1] ?? "");
    });
    return { route, params };
  }
  return undefined;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
