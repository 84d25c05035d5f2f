import type { GitHubBox, RecordedRequest } from "@infrajet/github-testing";
import { schema as github } from "@octokit/graphql-schema";
import { buildSchema, type DocumentNode, getVariableValues, Kind, parse, validate } from "graphql";
import { vi } from "vitest";
import { asDescribed, OpenApi } from "./openapi.js";

// GitHub's schema contains a field twice, which validation would reject.
const githubSchema = buildSchema(github.idl, { assumeValidSDL: true });

/** Compares all requests through `fetch`, and their responses, with GitHub's OpenAPI description and GraphQL schema. */
export class RequestAudit {
  /** REST routes that were requested, as method and template. */
  readonly routes = new Set<string>();
  /** Statuses of REST responses. */
  readonly statuses = new Set<number>();
  /** Names of GraphQL operations that were requested. */
  readonly operations = new Set<string>();
  readonly requestProblems: string[] = [];
  readonly responseProblems: string[] = [];
  readonly graphqlProblems: string[] = [];
  private readonly openApi = new OpenApi();
  private readonly fetch = globalThis.fetch;

  /** Watches the requests to a box, instead of those to the box before. */
  watch(box: GitHubBox): void {
    vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
      const { pathname, searchParams } = new URL(url);
      // The description has neither git's protocol nor the OAuth web flow.
      if (pathname.includes(".git/") || pathname.startsWith("/login/")) return this.fetch(url, init);
      const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : undefined;
      if (pathname.endsWith("/graphql")) {
        this.checkGraphql(body);
        return this.fetch(url, init);
      }
      const isThis = (request: RecordedRequest) => request.method === init.method && request.path === pathname;
      let route = "";
      try {
        const response = await this.fetch(url, init);
        route = box.requests.findLast(isThis)?.route ?? "";
        await this.checkResponse(route, body, init, response.clone());
        return response;
      } finally {
        // A fault that loses the response does not hide the request.
        route ||= box.requests.findLast(isThis)?.route ?? "";
        this.requestProblems.push(...this.openApi.requestProblems({ route, query: searchParams, body }));
      }
    });
  }

  /** Restores `fetch`. */
  close(): void {
    vi.unstubAllGlobals();
  }

  private async checkResponse(route: string, requestBody: unknown, init: RequestInit, response: Response) {
    const { status } = response;
    this.routes.add(route);
    this.statuses.add(status);
    const isRaw = String(new Headers(init.headers).get("accept")).includes("raw");
    if (status === 304 || (isRaw && status === 200)) return;
    const text = await response.text();
    const responseBody = text === "" ? undefined : JSON.parse(text);
    const exchange = { route, requestBody: requestBody ?? {}, status, responseBody };
    for (const described of asDescribed(exchange)) this.responseProblems.push(...this.openApi.problems(described));
  }

  private checkGraphql(body: unknown): void {
    const { query, variables } = body as { query: string; variables: Record<string, unknown> };
    const document: DocumentNode = parse(query);
    this.graphqlProblems.push(...validate(githubSchema, document).map(String));
    for (const definition of document.definitions) {
      if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
      this.operations.add(definition.name?.value ?? "");
      const { errors } = getVariableValues(githubSchema, definition.variableDefinitions ?? [], variables);
      this.graphqlProblems.push(...(errors ?? []).map(String));
    }
  }
}
