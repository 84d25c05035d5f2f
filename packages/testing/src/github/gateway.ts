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
import { primaryLimitError, primaryLimitMessage, secondaryLimitError } from "./http/limit-answers.js";
import { errorAnswer, type ResponseContext, respond } from "./http/respond.js";
import { type FoundRoute, RestApi } from "./http/rest.js";
import type { Answer } from "./http/route.js";
import type { Platform } from "./platform.js";
import { ROUTES } from "./routes/route-table.js";
import { GitHttp } from "./smart-http/git-http.js";
import { answerPage, type FoundPage, findPage } from "./web/web-site.js";

const API_VERSIONS = ["2022-11-28", "2026-03-10"];

/** A request on its way through the box. */
interface Visit {
  request: Request;
  url: URL;
  location: Location;
  /** The body, except for git, where it is streamed. */
  bytes: Uint8Array;
  credential: Credential | undefined;
  isBad: boolean;
  found: FoundRoute | undefined;
  foundPage: FoundPage | undefined;
  record: RecordedRequest;
  isMutation: boolean;
}

/** The one door of the box: a request goes in, GitHub's response comes out. msw and the HTTP server stand before it. */
export class Gateway {
  private readonly rest: RestApi;
  private readonly graphql = new GraphqlApi();
  private readonly git: GitHttp;

  constructor(private readonly platform: Platform) {
    this.rest = new RestApi(platform, ROUTES);
    this.git = new GitHttp(platform);
  }

  /** Answers a request. Rejects with {@link ConnectionResetError} where a fault cuts the connection. */
  async fetch(request: Request): Promise<Response> {
    const visit = await this.begin(request);
    const { control } = this.platform;
    await control.interventions.wait(visit.record);
    await control.interventions.runBefore(visit.record);
    const instead = control.faults.take("before", visit.record);
    const effect = () => this.platform.acting.run(visit.credential?.actor, () => this.effect(visit));
    const response = instead === undefined ? await effect() : await this.fault(instead, visit);
    visit.record.status = response.status;
    await control.interventions.runAfter(visit.record);
    const lost = control.faults.take("after", visit.record);
    if (lost === undefined) return countBytes(response, visit.record);
    visit.record.status = 0;
    await response.body?.cancel();
    const replaced = await this.fault(lost, visit);
    visit.record.status = replaced.status;
    return countBytes(replaced, visit.record);
  }

  private async begin(request: Request): Promise<Visit> {
    const url = new URL(request.url);
    const location = locate(url);
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

  private fault(fault: FaultResponse, { request }: Visit): Promise<Response> {
    return respondWithFault(fault, [request.signal, this.platform.closing.signal]);
  }

  private async effect(visit: Visit): Promise<Response> {
    const { location, request, url, credential, isBad } = visit;
    if (location.side === "git") {
      return this.git.answer({ request, url, credential, isBad, addresses: location.addresses });
    }
    if (location.side === "web") {
      const { bytes } = visit;
      return answerPage(this.platform, visit.foundPage, { request, url, bytes, addresses: location.addresses });
    }
    const resource: Resource = location.side === "graphql" ? "graphql" : "core";
    const documentation =
      location.side === "graphql"
        ? "https://docs.github.com/graphql"
        : `https://docs.github.com/rest${visit.found === undefined ? "" : `/${visit.found.route.docs}`}`;
    let answer: Answer;
    try {
      answer = await this.guarded(visit, resource);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      answer = errorAnswer(error, documentation);
    }
    return this.respond(visit, resource, answer);
  }

  /** What stands before every API request: credentials, limits, the version, the size of the body. */
  private async guarded(visit: Visit, resource: Resource): Promise<Answer> {
    const { rateLimits, control } = this.platform;
    const { record, location, bytes } = visit;
    const holder = holderOf(visit);
    const authentication = visit.found?.route.authentication;
    if (visit.isBad && authentication === undefined) {
      throw new ApiError(401, "Bad credentials", { documentationUrl: "https://docs.github.com/rest" });
    }
    if (visit.credential?.installation?.suspended !== undefined) {
      throw new ApiError(403, "This installation has been suspended", {
        documentationUrl: "https://docs.github.com/rest",
      });
    }
    const isFree = location.path === "/rate_limit";
    if (!isFree && !rateLimits.spend(resource, holder)) {
      if (resource === "graphql") {
        const message = primaryLimitMessage(visit.credential);
        return { status: 200, body: { errors: [{ type: "RATE_LIMITED", message }] } };
      }
      throw primaryLimitError(rateLimits.primary, visit.credential);
    }
    const cost = { resource, credential: holder, createsContent: record.createsContent, writes: record.createsContent };
    if (!rateLimits.staysBelowSecondary(cost)) return this.beyondSecondary(visit, resource);
    const limit = resource === "graphql" ? control.limits.graphqlBodyBytes : control.limits.restBodyBytes;
    if (bytes.length > limit) throw tooLarge();
    const version = visit.request.headers.get("x-github-api-version");
    if (version !== null && !API_VERSIONS.includes(version)) {
      throw new ApiError(400, `"${version}" is not a supported API version. Supported: ${API_VERSIONS.join(", ")}.`);
    }
    return location.side === "graphql" ? this.runGraphql(visit) : this.runRest(visit);
  }

  private beyondSecondary({ record }: Visit, resource: Resource): Answer {
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

  private async runRest(visit: Visit): Promise<Answer> {
    const { request, url, location, bytes, credential, found } = visit;
    if (found === undefined) throw new ApiError(404, "Not Found");
    return this.rest.answer(found, {
      method: request.method,
      path: location.path,
      query: url.searchParams,
      headers: request.headers,
      bytes,
      credential,
      addresses: location.addresses,
    });
  }

  private async runGraphql({ request, bytes, credential, location }: Visit): Promise<Answer> {
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
    const answer = await this.graphql.run({ ...body, query: body.query }, platform.control.disabledGraphql, context);
    return { status: 200, body: answer };
  }

  private respond(visit: Visit, resource: Resource, answer: Answer): Response {
    const { request, credential, found, isBad } = visit;
    const { rateLimits, clock } = this.platform;
    const holder = holderOf(visit);
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
    const response = respond(answer, context);
    if (response.status !== 304 || isBad) return response;
    // A conditional request that finds nothing new is free.
    rateLimits.refund(resource, holder);
    const { used, remaining } = rateLimits.budget(resource, holder);
    response.headers.set("X-RateLimit-Used", String(used));
    response.headers.set("X-RateLimit-Remaining", String(remaining));
    return response;
  }
}

/** Whose budget a request is taken from. */
function holderOf({ found, credential }: Visit): BudgetHolder | undefined {
  const kind = found?.route.authentication;
  return kind === undefined ? credential : { kind, account: { id: found?.params.client_id ?? "" } };
}

function tooLarge(): ApiError {
  return new ApiError(
    422,
    "Sorry, your input was too large to process. Consider creating the blob in a local clone of the repository and then pushing it to GitHub.",
  );
}
