import type { Credential } from "../accounts/credential.js";
import type { Platform } from "../platform.js";
import type { Need } from "../repositories/access.js";
import type { BoxRepository } from "../repositories/repository.js";
import type { Addresses } from "./addresses.js";

/** An HTTP method of the API. */
export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** A request for a route. */
export interface Call {
  platform: Platform;
  method: Method;
  /** Path parameters, decoded. */
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  headers: Headers;
  /** The JSON body; `undefined` for an empty body. */
  body: Record<string, unknown> | undefined;
  credential: Credential | undefined;
  addresses: Addresses;
}

/** A call for a repository that the caller can see. */
export interface RepositoryCall extends Call {
  repository: BoxRepository;
}

/** The response of a handler. */
export interface RestResponse {
  status: number;
  /** JSON; absent for a response without a body. */
  body?: unknown;
  /** Replaces `body` by bytes of a content type. */
  raw?: { bytes: Uint8Array; contentType: string };
  headers?: Record<string, string>;
  /** Value of `Last-Modified` in seconds since the epoch. */
  lastModified?: number;
  /** Entity tag. Defaults to a digest of the body. */
  etag?: string;
}

/** An operation of the REST API. */
export interface Route {
  method: Method;
  /** The path in GitHub's OpenAPI description. */
  template: string;
  /** Page and anchor below https://docs.github.com/rest/. */
  docs: string;
  /** Accepted OAuth scopes, for `X-Accepted-OAuth-Scopes`. */
  scopes?: readonly string[];
  /** Authentication other than by token: an application by client ID and secret, or a GitHub App by JWT. */
  authentication?: "client" | "app";
  /** Required permission; absent when the operation does not need one. */
  need?: Need;
  handler: (call: Call) => RestResponse | Promise<RestResponse>;
}

/** Path parameters that can contain slashes, encoded or not. */
const SPANNING = new Set(["basehead", "branch", "path", "ref", "tree_sha"]);

/** An operation on a repository. Its handler runs after redirects and access checks. */
export interface RepositoryRoute extends Omit<Route, "handler" | "need"> {
  need: Need;
  /** True when a write is allowed on archived repositories. */
  worksOnArchived?: boolean;
  repositoryHandler: (call: RepositoryCall) => RestResponse | Promise<RestResponse>;
}

/** A compiled template. */
export interface Pattern {
  pattern: RegExp;
  names: readonly string[];
}

/** A route with its compiled template. */
export type CompiledRoute = (Route | RepositoryRoute) & Pattern;

/** Compiles the template of a route. */
export function compileRoute(route: Route | RepositoryRoute): CompiledRoute {
  return { ...route, ...compileTemplate(route.template) };
}

/** Compiles a template to a regular expression. */
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

/** Returns the first route that matches a method and an encoded path. */
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
