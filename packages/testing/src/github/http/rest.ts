import type { Credential } from "../accounts/credential.js";
import type { Platform } from "../platform.js";
import { canSee, may, type Need } from "../repositories/access.js";
import type { BoxRepository } from "../repositories/repository.js";
import type { Addresses } from "./addresses.js";
import { ApiError, notFound } from "./api-error.js";
import { parseJson } from "./body.js";
import {
  type Call,
  type CompiledRoute,
  compileRoute,
  type Method,
  matchRoute,
  type RepositoryRoute,
  type RestResponse,
  type Route,
} from "./route.js";

/** A request for the REST API with its body. */
export interface RestRequest {
  method: string;
  /** Encoded path without prefix and query. */
  path: string;
  query: URLSearchParams;
  headers: Headers;
  bytes: Uint8Array;
  credential: Credential | undefined;
  addresses: Addresses;
}

/** The route of a request with its path parameters. */
export interface FoundRoute {
  route: CompiledRoute;
  params: Record<string, string>;
}

/** Finds routes and runs their handlers, with redirects and access checks for repositories. */
export class RestApi {
  private readonly routes: readonly CompiledRoute[];

  constructor(
    private readonly platform: Platform,
    routes: readonly (Route | RepositoryRoute)[],
  ) {
    this.routes = routes.map(compileRoute);
  }

  /** Returns the route for a method and an encoded path. `/repositories/{id}/…` is equal to `/repos/{owner}/{repo}/…`. */
  find(method: string, path: string): FoundRoute | undefined {
    return matchRoute(this.routes, method === "HEAD" ? "GET" : method, this.canonical(path));
  }

  /**
   * Runs the handler of a route.
   *
   * @throws ApiError
   */
  async handle({ route, params }: FoundRoute, request: RestRequest): Promise<RestResponse> {
    const call: Call = {
      platform: this.platform,
      method: route.method as Method,
      params,
      query: request.query,
      headers: request.headers,
      body: undefined,
      credential: request.credential,
      addresses: request.addresses,
    };
    if (!("repositoryHandler" in route)) {
      return route.handler({ ...call, body: parseJson(request.bytes) });
    }
    const repository = this.repositoryFor(params, request);
    if (repository instanceof Redirect) return repository.toResponse(request);
    if (!may(call.credential, repository, route.need)) throw refusal(call.credential, route.need);
    if (repository.archived && route.need.level === "write" && route.worksOnArchived !== true) {
      throw new ApiError(403, "Repository was archived so is read-only.");
    }
    return route.repositoryHandler({ ...call, repository, body: parseJson(request.bytes) });
  }

  private repositoryFor(params: Record<string, string>, request: RestRequest): BoxRepository | Redirect {
    const { owner = "", repo = "" } = params;
    const { repositories } = this.platform;
    const current = repositories.find(owner, repo);
    const former = current === undefined ? repositories.findFormer(owner, repo) : undefined;
    const repository = current ?? former;
    if (repository === undefined || !canSee(request.credential, repository)) throw notFound();
    return current ?? new Redirect(repository.id);
  }

  private canonical(path: string): string {
    const [, id, rest = ""] = /^\/repositories\/(\d+)(\/.*)?$/.exec(path) ?? [];
    const repository = id === undefined ? undefined : this.platform.repositories.findById(Number(id));
    return repository === undefined ? path : `/repos/${repository.fullName}${rest}`;
  }
}

/** A redirect from a former name to the repository: 301 for reads, 307 for writes, so that clients keep the method. */
class Redirect {
  constructor(private readonly id: number) {}

  toResponse({ method, path, query, addresses }: RestRequest): RestResponse {
    const rest = path.replace(/^\/repos\/[^/]+\/[^/]+/, "");
    const search = query.size === 0 ? "" : `?${query}`;
    const url = `${addresses.api}/repositories/${this.id}${rest}${search}`;
    return {
      status: method === "GET" || method === "HEAD" ? 301 : 307,
      headers: { Location: url },
      body: {
        message: "Moved Permanently",
        url,
        documentation_url: "https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects",
      },
    };
  }
}

/** Returns the error for a missing permission, which depends on the kind of token. */
function refusal(credential: Credential | undefined, need: Need): ApiError {
  if (credential === undefined) return new ApiError(401, "Requires authentication");
  if (credential.kind === "installation" || credential.kind === "app-user")
    return new ApiError(403, "Resource not accessible by integration");
  if (credential.kind === "fine-grained") return new ApiError(403, "Resource not accessible by personal access token");
  if (need.permission === "administration" && need.level === "write")
    return new ApiError(403, "Must have admin rights to Repository.");
  return notFound();
}
