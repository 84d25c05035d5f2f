import type * as z from "zod";
import { defined } from "../defined.js";
import type { GitHubSdk } from "../github-sdk.js";
import type { CallingUser } from "./calling-user.js";
import type { HttpRequest, StreamedBody } from "./http-message.js";
import type { HttpSettings } from "./http-options.js";
import { readJson } from "./json-body.js";
import { parseHeaders, parseInput, parseQuery } from "./validation.js";

/**
 * The callers of an endpoint: `user` is a user that the host's authenticator knows, `visitor` such a user or one with a ticket
 * in the query, `signature` a sender that signs the body, `browser` a browser that GitHub redirected, `public` any caller.
 */
export type RouteAuth = "user" | "visitor" | "signature" | "browser" | "public";

/** The group of an endpoint in the OpenAPI document. */
export type RouteTag = "Connection" | "Project sync" | "GitHub App" | "Realtime" | "Operations" | "Description";

/** The schemas of a request's parts. */
export interface InputSchemas {
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** Lower-case names. */
  readonly headers?: z.ZodObject;
  readonly body?: z.ZodObject;
}

/** A request with its route's parameters, and its user where the route requires one. */
export interface RouteCall {
  readonly sdk: GitHubSdk;
  readonly settings: HttpSettings;
  readonly request: HttpRequest;
  /** The path at which the request's server mounts the endpoints, as the client sent it. */
  readonly basePath: string;
  /** The parameters of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** The query, without the `?`. */
  readonly search: string;
  readonly user: CallingUser | null;
}

/** The response of a handler. */
export interface RouteReply<Body = unknown> {
  /** Defaults to 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; absent for a response without a body. */
  readonly body?: Body;
  /** Sent instead of `body`. */
  readonly stream?: StreamedBody;
  /** A page to send in place of `body`. */
  readonly html?: string;
}

/** The parsed parts of a request. */
export type Input<Schemas extends InputSchemas> = {
  readonly [Part in keyof Schemas]: Schemas[Part] extends z.ZodType ? z.output<Schemas[Part]> : never;
};

/** The arguments of a handler: the parsed parts of the request, and its user. */
export type HandlerCall<Auth extends RouteAuth, Schemas extends InputSchemas> = Input<Schemas> & {
  readonly sdk: GitHubSdk;
  readonly settings: HttpSettings;
  readonly request: HttpRequest;
  /** The path at which the request's server mounts the endpoints, as the client sent it. */
  readonly basePath: string;
  readonly user: Auth extends "user" | "visitor" ? CallingUser : null;
};

/** The declaration of an endpoint. */
export interface RouteDeclaration<Auth extends RouteAuth, Schemas extends InputSchemas, Response extends z.ZodType> {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Path below the base path: `/repositories/{owner}/{repo}`. */
  readonly path: string;
  readonly operationId: string;
  readonly tag: RouteTag;
  readonly summary: string;
  readonly auth: Auth;
  readonly input: Schemas;
  /** The part that contains the `project_id`, which the user must be authorized for. */
  readonly project?: "params" | "body";
  /** True when the body contains files, which have a larger limit. Defaults to false. */
  readonly sendsFiles?: boolean;
  /** The body of a successful response. */
  readonly response: Response;
  /** `html` for a route that responds with pages, `events` for a stream of server-sent events. Defaults to `json`. */
  readonly produces?: "json" | "html" | "events";
  /** Statuses of responses with that body. Defaults to 200. */
  readonly statuses?: readonly number[];
  /** Statuses of errors in addition to those that every endpoint has. */
  readonly errors: readonly number[];
  readonly handle: (call: HandlerCall<Auth, Schemas>) => Promise<RouteReply<z.input<Response>>>;
}

/** An endpoint: its method and path, its schemas, and its handler. */
export interface Route
  extends Omit<RouteDeclaration<RouteAuth, InputSchemas, z.ZodType>, "handle" | "project" | "sendsFiles" | "statuses"> {
  readonly statuses: readonly number[];
  /** Validates the request, authorizes the user for the project, and runs the handler. @throws GitHubSdkError */
  readonly run: (call: RouteCall) => Promise<RouteReply>;
}

/** Declares an endpoint. Its handler receives only what its schemas accepted. */
export function defineRoute<Auth extends RouteAuth, Schemas extends InputSchemas, Response extends z.ZodType>({
  handle,
  project,
  sendsFiles = false,
  statuses = [200],
  ...description
}: RouteDeclaration<Auth, Schemas, Response>): Route {
  const { input } = description;
  return {
    ...description,
    statuses,
    async run(call) {
      const { sdk, settings, request, basePath, user } = call;
      const parts = await parseParts(input, call, sendsFiles);
      if (project !== undefined) await settings.requireProject(user, parts[project]?.project_id);
      // The parts were parsed by exactly these schemas, and the dispatcher passes a user where `auth` is "user".
      return handle({ ...parts, sdk, settings, request, basePath, user } as HandlerCall<Auth, Schemas>);
    },
  };
}

type Parts = Partial<Record<keyof InputSchemas, Readonly<Record<string, unknown>>>>;

async function parseParts(
  schemas: InputSchemas,
  { sdk, request, params, search, settings }: RouteCall,
  sendsFiles: boolean,
): Promise<Parts> {
  const { headers } = request;
  const limit = sendsFiles ? settings.filesBodyLimit : settings.bodyLimit;
  return defined({
    params: schemas.params && parseInput(schemas.params, params),
    query: schemas.query && parseQuery(schemas.query, search),
    headers: schemas.headers && parseHeaders(schemas.headers, headers),
    body: schemas.body && parseInput(schemas.body, await readJson(request, limit, sdk.clock)),
  });
}
