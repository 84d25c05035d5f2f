import type { AuthenticationRequest } from "../adapters/authenticator.js";
import { GitHubSdkError } from "../errors.js";
import type { GitHubSdk } from "../sdk.js";
import { authenticate, bearerToken, type CallingUser } from "./calling-user.js";
import { errorResponse, isUnexpected } from "./error-response.js";
import { answerFetch } from "./fetch-handler.js";
import type { HttpRequest, HttpResponse } from "./http-message.js";
import { type GitHubHttpOptions, type HttpSettings, resolveHttpOptions } from "./http-options.js";
import { jsonResponse } from "./json-response.js";
import { openApiRoute } from "./openapi-route.js";
import type { Route, RouteReply } from "./route.js";
import { type MatchedPath, RouteMatcher } from "./route-matcher.js";
import { routes } from "./routes.js";

/** The endpoints of an SDK, for whatever server mounts them. */
export interface GitHubHttp {
  /** Where they are unless a server says otherwise, without a slash at the end. */
  readonly basePath: string;
  /** What there is, for servers that register endpoints one by one. */
  readonly routes: readonly Route[];
  /** Answers a request; `null` when it is for none of the endpoints. Never rejects. */
  handle(request: HttpRequest): Promise<HttpResponse | null>;
  /** Answers a request of the web's own kind, such as Hono and Next.js have; 404 when it is for none of the endpoints. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** Who sent a request that does not come through {@link handle}. @throws GitHubSdkError `unauthenticated`, and what the authenticator throws */
  authenticate(request: AuthenticationRequest): Promise<CallingUser>;
  /** Passes when the user may work with the project. @throws GitHubSdkError `project_not_found`, `validation_failed` */
  requireProject(user: CallingUser, projectId: string): Promise<void>;
}

/**
 * Puts the endpoints in front of an SDK.
 *
 * @throws GitHubSdkError `invalid_options` naming the option and the mend
 */
export function createGitHubHttp(sdk: GitHubSdk, options: GitHubHttpOptions): GitHubHttp {
  return new Dispatcher(sdk, resolveHttpOptions(sdk, options));
}

const matcher = new RouteMatcher([...routes, openApiRoute]);

/** Finds the endpoint, asks who calls, lets the route check the request and answer, and turns whatever comes of it into an answer. */
class Dispatcher implements GitHubHttp {
  readonly routes = [...routes, openApiRoute];
  readonly fetch: (request: Request) => Promise<Response>;
  readonly #sdk: GitHubSdk;
  readonly #settings: HttpSettings;

  constructor(sdk: GitHubSdk, settings: HttpSettings) {
    this.#sdk = sdk;
    this.#settings = settings;
    this.fetch = (request) => answerFetch(this, request);
  }

  get basePath(): string {
    return this.#settings.basePath;
  }

  async handle(request: HttpRequest): Promise<HttpResponse | null> {
    const [fullPath, search] = splitTarget(request.target);
    if (!fullPath.startsWith(`${request.basePath}/`)) return null;
    const matched = matcher.match(fullPath.slice(request.basePath.length));
    if (matched === null) return null;
    if (request.method === "OPTIONS") return { status: 204, headers: { allow: allowed(matched) }, body: "" };
    try {
      const route = routeOf(matched, request.method);
      const user = route.auth === "user" ? await this.#user(request, fullPath) : null;
      const call = { sdk: this.#sdk, settings: this.#settings, request, params: matched.params, search, user };
      return toResponse(await route.run(call));
    } catch (error) {
      if (isUnexpected(error) && !request.signal.aborted) this.#log(error, request.method, fullPath);
      return errorResponse(error);
    }
  }

  authenticate(request: AuthenticationRequest): Promise<CallingUser> {
    return authenticate(this.#settings.authenticator, request);
  }

  requireProject(user: CallingUser, projectId: string): Promise<void> {
    return this.#settings.requireProject(user, projectId);
  }

  #user({ method, headers, raw }: HttpRequest, path: string): Promise<CallingUser> {
    return this.authenticate({ method, path, headers, bearerToken: bearerToken(headers.authorization), raw });
  }

  // The query stays out of the log: codes and tokens may be in it.
  #log(error: unknown, method: string, path: string): void {
    this.#sdk.logger.error("A request could not be answered.", { method, path, error });
  }
}

function splitTarget(target: string): readonly [path: string, search: string] {
  const mark = target.indexOf("?");
  return mark === -1 ? [target, ""] : [target.slice(0, mark), target.slice(mark + 1)];
}

function routeOf({ routes }: MatchedPath, method: string): Route {
  const route = routes.get(method === "HEAD" ? "GET" : method);
  if (route !== undefined) return route;
  throw new GitHubSdkError("method_not_allowed", `This path does not take ${method}.`, {
    details: { allow: allowed({ routes }) },
  });
}

function allowed({ routes }: Pick<MatchedPath, "routes">): string {
  const methods = [...routes.keys()].flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
  return [...methods, "OPTIONS"].join(", ");
}

function toResponse({ status = 200, headers = {}, body }: RouteReply): HttpResponse {
  return body === undefined
    ? { status, headers: { "cache-control": "no-store", ...headers }, body: "" }
    : jsonResponse(status, body, headers);
}
