import { countBytes, countRequest } from "../box/count-bytes.js";
import { respondWithFault } from "../box/fault-response.js";
import type { FaultResponse } from "../box/faults.js";
import type { Credential } from "./accounts/credential.js";
import type { BudgetHolder, Resource } from "./control/rate-limits.js";
import type { RecordedRequest } from "./control/request-log.js";
import { GraphqlApi, operationOf } from "./graphql/execute.js";
import { parseGraphqlBody } from "./graphql/request-body.js";
import { type Location, locate } from "./http/addresses.js";
import { ApiError } from "./http/api-error.js";
import { authenticate } from "./http/authenticate.js";
import { primaryLimitError, primaryLimitMessage, secondaryLimitError } from "./http/limit-errors.js";
import { errorResponse, type ResponseContext, respond } from "./http/respond.js";
import { type FoundRoute, RestApi } from "./http/rest.js";
import type { RestResponse } from "./http/route.js";
import type { Platform } from "./platform.js";
import { ROUTES } from "./routes/route-table.js";
import { GitHttp } from "./smart-http/git-http.js";
import { type FoundPage, findPage, handlePage } from "./web/web-site.js";

const API_VERSIONS = ["2022-11-28", "2026-03-10"];

/** A request that the box is handling. */
interface PendingRequest {
  request: Request;
  url: URL;
  location: Location;
  /** The body; empty for git, whose body is streamed. */
  bytes: Uint8Array;
  credential: Credential | undefined;
  isBad: boolean;
  found: FoundRoute | undefined;
  foundPage: FoundPage | undefined;
  record: RecordedRequest;
  isMutation: boolean;
}

/** Handles all requests to the box: records them, applies faults and passes them to REST, GraphQL, git or the web site. */
export class Gateway {
  private readonly rest: RestApi;
  private readonly graphql = new GraphqlApi();
  private readonly git: GitHttp;

  constructor(private readonly platform: Platform) {
    this.rest = new RestApi(platform, ROUTES);
    this.git = new GitHttp(platform);
  }

  /**
   * Responds to a request.
   *
   * @throws ConnectionResetError when a fault resets the connection
   */
  async fetch(request: Request): Promise<Response> {
    const pending = await this.begin(request);
    const { control } = this.platform;
    await control.interventions.wait(pending.record);
    await control.interventions.runBefore(pending.record);
    const faultBefore = control.faults.take("before", pending.record);
    const effect = () => this.platform.currentActor.run(pending.credential?.actor, () => this.effect(pending));
    const response = faultBefore === undefined ? await effect() : await this.fault(faultBefore, pending);
    pending.record.status = response.status;
    await control.interventions.runAfter(pending.record);
    const faultAfter = control.faults.take("after", pending.record);
    if (faultAfter === undefined) return countBytes(response, pending.record);
    pending.record.status = 0;
    await response.body?.cancel();
    const replaced = await this.fault(faultAfter, pending);
    pending.record.status = replaced.status;
    return countBytes(replaced, pending.record);
  }

  private async begin(request: Request): Promise<PendingRequest> {
    const url = new URL(request.url);
    const location = locate(url, request.headers.get("accept"));
    const { platform } = this;
    platform.lag.received += 1;
    const { credential, isBad } = authenticate(platform.accounts, request.headers.get("authorization"));
    const bytes = location.side === "git" ? new Uint8Array() : new Uint8Array(await request.arrayBuffer());
    const operation = location.side === "graphql" ? operationOf(parseGraphqlBody(bytes)?.query ?? "") : undefined;
    const found = location.side === "rest" ? this.rest.find(request.method, location.path) : undefined;
    const foundPage = location.side === "web" ? findPage(request.method, location.path) : undefined;
    const template = (found ?? foundPage)?.route.template ?? GitHttp.template(location.path) ?? location.path;
    const isWrite = location.side === "rest" && !["GET", "HEAD", "OPTIONS"].includes(request.method);
    const isMutation = operation?.isMutation === true;
    const record = platform.log.add(
      {
        method: request.method,
        route: `${request.method} ${template}`,
        path: url.pathname,
        url: request.url,
        ...(operation === undefined ? {} : { operation: operation.name }),
        ...(credential === undefined ? {} : { login: credential.actor.login }),
      },
      isWrite || isMutation,
    );
    record.bytesIn = bytes.length;
    const counted = location.side === "git" ? countRequest(request, record) : request;
    return { request: counted, url, location, bytes, credential, isBad, found, foundPage, record, isMutation };
  }

  private fault(fault: FaultResponse, { request }: PendingRequest): Promise<Response> {
    return respondWithFault(fault, [request.signal, this.platform.closing.signal]);
  }

  private async effect(pending: PendingRequest): Promise<Response> {
    const { location, request, url, credential, isBad } = pending;
    if (location.side === "git") {
      return this.git.handle({ request, url, credential, isBad, addresses: location.addresses });
    }
    if (location.side === "web") {
      const { bytes } = pending;
      return handlePage(this.platform, pending.foundPage, { request, url, bytes, addresses: location.addresses });
    }
    const resource: Resource = location.side === "graphql" ? "graphql" : "core";
    const documentation =
      location.side === "graphql"
        ? "https://docs.github.com/graphql"
        : `https://docs.github.com/rest${pending.found === undefined ? "" : `/${pending.found.route.docs}`}`;
    let result: RestResponse;
    try {
      result = await this.guarded(pending, resource);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      result = errorResponse(error, documentation);
    }
    return this.respond(pending, resource, result);
  }

  /** Checks credentials, limits, the size of the body and the API version, then runs the API request. */
  private async guarded(pending: PendingRequest, resource: Resource): Promise<RestResponse> {
    const { rateLimits, control } = this.platform;
    const { record, location, bytes } = pending;
    const holder = holderOf(pending);
    const authentication = pending.found?.route.authentication;
    if (pending.isBad && authentication === undefined) {
      throw new ApiError(401, "Bad credentials", { documentationUrl: "https://docs.github.com/rest" });
    }
    const installation = this.platform.apps.findInstallation(pending.credential?.installationId);
    if (installation?.suspended !== undefined) {
      throw new ApiError(403, "This installation has been suspended", {
        documentationUrl: "https://docs.github.com/rest",
      });
    }
    const isFree = location.path === "/rate_limit";
    if (!isFree && !rateLimits.spend(resource, holder)) {
      if (resource === "graphql") {
        const message = primaryLimitMessage(pending.credential);
        return { status: 200, body: { errors: [{ type: "RATE_LIMITED", message }] } };
      }
      throw primaryLimitError(rateLimits.primary, pending.credential);
    }
    const cost = { resource, credential: holder, createsContent: record.createsContent, writes: record.createsContent };
    if (!rateLimits.staysBelowSecondary(cost)) return this.beyondSecondary(pending, resource);
    const limit = resource === "graphql" ? control.limits.graphqlBodyBytes : control.limits.restBodyBytes;
    if (bytes.length > limit) throw tooLarge();
    const version = pending.request.headers.get("x-github-api-version");
    if (version !== null && !API_VERSIONS.includes(version)) {
      throw new ApiError(400, `"${version}" is not a supported API version. Supported: ${API_VERSIONS.join(", ")}.`);
    }
    return location.side === "graphql" ? this.runGraphql(pending) : this.runRest(pending);
  }

  private beyondSecondary({ record }: PendingRequest, resource: Resource): RestResponse {
    const { secondary } = this.platform.rateLimits;
    const error = secondaryLimitError(secondary, record.createsContent);
    if (resource !== "graphql" || secondary?.graphqlAs200 !== true) throw error;
    const headers = error.details.headers;
    return {
      status: 200,
      body: { errors: [{ type: "RATE_LIMITED", message: error.message }] },
      ...(headers === undefined ? {} : { headers: { ...headers } }),
    };
  }

  private async runRest(pending: PendingRequest): Promise<RestResponse> {
    const { request, url, location, bytes, credential, found } = pending;
    if (found === undefined) throw new ApiError(404, "Not Found");
    return this.rest.handle(found, {
      method: request.method,
      path: location.path,
      query: url.searchParams,
      headers: request.headers,
      bytes,
      credential,
      addresses: location.addresses,
    });
  }

  private async runGraphql({ request, bytes, credential, location }: PendingRequest): Promise<RestResponse> {
    if (request.method !== "POST") throw new ApiError(404, "Not Found");
    if (credential === undefined) {
      throw new ApiError(401, "This endpoint requires you to be authenticated.", {
        documentationUrl:
          "https://docs.github.com/graphql/guides/forming-calls-with-graphql#authenticating-with-graphql",
      });
    }
    const body = parseGraphqlBody(bytes);
    if (body === undefined) throw new ApiError(400, "Problems parsing JSON");
    if (body.query === undefined) {
      return {
        status: 200,
        body: { errors: [{ message: "A query attribute must be specified and must be a string." }] },
      };
    }
    const { platform } = this;
    const budget = platform.rateLimits.budget("graphql", credential);
    const context = { platform, credential, addresses: location.addresses, budget };
    const result = await this.graphql.run({ ...body, query: body.query }, platform.control.disabledGraphql, context);
    return { status: 200, body: result };
  }

  private respond(pending: PendingRequest, resource: Resource, result: RestResponse): Response {
    const { request, credential, found, isBad } = pending;
    const { rateLimits, clock } = this.platform;
    const holder = holderOf(pending);
    const authentication = found?.route.authentication;
    const need = found !== undefined && "need" in found.route ? found.route.need : undefined;
    const context: ResponseContext = {
      credential,
      ...(authentication === "app" ? {} : { budget: rateLimits.budget(resource, holder) }),
      now: clock(),
      apiVersion: request.headers.get("x-github-api-version") ?? "2022-11-28",
      request,
      ...(found?.route.scopes === undefined ? {} : { acceptedScopes: found.route.scopes }),
      ...(need === undefined ? {} : { acceptedPermission: `${need.permission}=${need.level}` }),
    };
    const response = respond(result, context);
    if (response.status !== 304 || isBad) return response;
    // GitHub does not count conditional requests with a 304 response.
    rateLimits.refund(resource, holder);
    const { used, remaining } = rateLimits.budget(resource, holder);
    response.headers.set("X-RateLimit-Used", String(used));
    response.headers.set("X-RateLimit-Remaining", String(remaining));
    return response;
  }
}

/** Returns the owner of the budget that a request counts against. */
function holderOf({ found, credential }: PendingRequest): BudgetHolder | undefined {
  const kind = found?.route.authentication;
  return kind === undefined ? credential : { kind, account: { id: found?.params.client_id ?? "" } };
}

function tooLarge(): ApiError {
  return new ApiError(
    422,
    "Sorry, your input was too large to process. Consider creating the blob in a local clone of the repository and then pushing it to GitHub.",
  );
}
