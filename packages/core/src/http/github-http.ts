import type { AuthenticationRequest } from "../adapters/authenticator.js";
import { GitHubSdkError } from "../errors.js";
import type { GitHubSdk } from "../github-sdk.js";
import { matchBasePath } from "./base-path.js";
import { authenticate, bearerToken, type CallingUser, redeemTicket } from "./calling-user.js";
import { errorResponse, isUnexpected } from "./error-response.js";
import { endpointNotFound, respondToFetch } from "./fetch-handler.js";
import type { HttpRequest, HttpResponse } from "./http-message.js";
import { type GitHubHttpOptions, type HttpSettings, resolveHttpOptions } from "./http-options.js";
import { jsonResponse } from "./json-response.js";
import { openApiRoute } from "./openapi-route.js";
import type { Route, RouteReply } from "./route.js";
import { type MatchedPath, RouteMatcher } from "./route-matcher.js";
import { routes } from "./routes.js";

/** The HTTP endpoints of an SDK, ready to be mounted in a server. */
export interface GitHubHttp {
  /**
   * The path below which the endpoints are mounted, unless a server mounts them elsewhere. No trailing slash. A segment that
   * contains `:` matches any segment.
   */
  readonly basePath: string;
  /** All endpoints, for servers that register them one by one. */
  readonly routes: readonly Route[];
  /** Resolves to the response; `null` when the request is for none of the endpoints. Never rejects. */
  handle(request: HttpRequest): Promise<HttpResponse | null>;
  /** Responds to a Fetch API `Request`, as Hono and Next.js use it. Responds with 404 when it is for none of the endpoints. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** Authenticates a request that does not come through {@link handle}. @throws GitHubSdkError `unauthenticated`; errors of the authenticator */
  authenticate(request: AuthenticationRequest): Promise<CallingUser>;
  /** Returns true when a request comes from the host's own pages, from an allowed origin, or not from a browser. */
  allowsOrigin(headers: AuthenticationRequest["headers"]): boolean;
  /** Resolves when the user may use the project. @throws GitHubSdkError `project_not_found`, `validation_failed` */
  requireProject(user: CallingUser, projectId: string): Promise<void>;
}

/**
 * Creates the HTTP endpoints of an SDK.
 *
 * @throws GitHubSdkError `invalid_options` that names the option and how to fix it
 */
export function createGitHubHttp(sdk: GitHubSdk, options: GitHubHttpOptions): GitHubHttp {
  return new Dispatcher(sdk, resolveHttpOptions(sdk, options));
}

const matcher = new RouteMatcher([...routes, openApiRoute]);

/** Finds the route of a request, authenticates the caller, runs the route and turns its result or error into a response. */
class Dispatcher implements GitHubHttp {
  readonly routes = [...routes, openApiRoute];
  readonly fetch: (request: Request) => Promise<Response>;
  readonly #sdk: GitHubSdk;
  readonly #settings: HttpSettings;

  constructor(sdk: GitHubSdk, settings: HttpSettings) {
    this.#sdk = sdk;
    this.#settings = settings;
    const { basePath } = settings;
    this.fetch = (request) => respondToFetch({ basePath, handle: (asked) => this.#respond(asked, true) }, request);
  }

  get basePath(): string {
    return this.#settings.basePath;
  }

  handle(request: HttpRequest): Promise<HttpResponse | null> {
    return this.#respond(request, this.#settings.notFound);
  }

  /** @param notFound True to respond to requests that are for none of the endpoints, and to OPTIONS. */
  async #respond(request: HttpRequest, notFound: boolean): Promise<HttpResponse | null> {
    const [fullPath, search] = splitTarget(request.target);
    const basePath = matchBasePath(request.basePath, fullPath, request.ignoreCase);
    if (basePath === null) return null;
    const matched = matcher.match(fullPath.slice(basePath.length), request.ignoreCase);
    if (matched === null) return notFound ? errorResponse(endpointNotFound()) : null;
    if (request.method === "OPTIONS") return notFound ? optionsResponse(matched) : null;
    try {
      const route = routeOf(matched, request.method);
      const user = await this.#caller(route, request, fullPath, search);
      const { params } = matched;
      const settings = this.#settings;
      return toResponse(await route.run({ sdk: this.#sdk, settings, request, basePath, params, search, user }));
    } catch (error) {
      if (isUnexpected(error) && !request.signal.aborted) this.#log(error, request.method, fullPath);
      return errorResponse(error);
    }
  }

  authenticate(request: AuthenticationRequest): Promise<CallingUser> {
    return authenticate(this.#settings.authenticator, request);
  }

  allowsOrigin({ origin, host }: AuthenticationRequest["headers"]): boolean {
    if (origin === undefined || this.#settings.allowedOrigins.includes(origin)) return true;
    return URL.canParse(origin) && new URL(origin).host === host;
  }

  requireProject(user: CallingUser, projectId: string): Promise<void> {
    return this.#settings.requireProject(user, projectId);
  }

  async #caller({ auth }: Route, request: HttpRequest, path: string, search: string): Promise<CallingUser | null> {
    const ticket = auth === "visitor" ? new URLSearchParams(search).get("ticket") : null;
    if (ticket !== null) return redeemTicket(this.#sdk.realtime.tickets, ticket);
    return auth === "user" || auth === "visitor" ? this.#user(request, path) : null;
  }

  #user({ method, headers, raw }: HttpRequest, path: string): Promise<CallingUser> {
    return this.authenticate({ method, path, headers, bearerToken: bearerToken(headers.authorization), raw });
  }

  // The query is not logged: it can contain codes and tokens.
  #log(error: unknown, method: string, path: string): void {
    this.#sdk.logger.error("A request failed.", { method, path, error });
  }
}

/** Returns path and query of a target, which is a full URL when the client takes the server for a proxy. @see https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2 */
function splitTarget(target: string): readonly [path: string, search: string] {
  const local = target.replace(/^https?:\/\/[^/?]*/i, "");
  const mark = local.indexOf("?");
  return mark === -1 ? [local, ""] : [local.slice(0, mark), local.slice(mark + 1)];
}

function routeOf({ routes }: MatchedPath, method: string): Route {
  const route = routes.get(method === "HEAD" ? "GET" : method);
  if (route !== undefined) return route;
  throw new GitHubSdkError("method_not_allowed", `The method ${method} is not allowed for this path.`, {
    details: { allow: allowed({ routes }) },
  });
}

function optionsResponse(matched: MatchedPath): HttpResponse {
  return { status: 204, headers: { allow: allowed(matched) }, body: "" };
}

function allowed({ routes }: Pick<MatchedPath, "routes">): string {
  const methods = [...routes.keys()].flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
  return [...methods, "OPTIONS"].join(", ");
}

function toResponse({ status = 200, headers = {}, body, html, stream }: RouteReply): HttpResponse {
  if (stream !== undefined) return { status, headers, body: "", stream };
  if (html !== undefined) {
    const page = { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" };
    return { status, headers: { ...page, ...headers }, body: html };
  }
  return body === undefined
    ? { status, headers: { "cache-control": "no-store", ...headers }, body: "" }
    : jsonResponse(status, body, headers);
}
