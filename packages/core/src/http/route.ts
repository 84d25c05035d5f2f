import type { z } from "zod";
import { defined } from "../defined.js";
import type { GitHubSdk } from "../sdk.js";
import type { CallingUser } from "./calling-user.js";
import type { HttpRequest } from "./http-message.js";
import type { HttpSettings } from "./http-options.js";
import { readJson } from "./json-body.js";
import { parseHeaders, parseInput, parseQuery } from "./validation.js";

/**
 * Who may call: `user` is whom the host's authenticator knows, `signature` whoever signed the body, `browser` a browser that
 * comes back from GitHub, `public` everybody.
 */
export type RouteAuth = "user" | "signature" | "browser" | "public";

/** What an endpoint belongs to. */
export type RouteTag = "Connection" | "Project sync" | "GitHub App" | "Description";

/** What a request consists of besides its path, as schemas. */
export interface InputSchemas {
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** Names in lower case. */
  readonly headers?: z.ZodObject;
  readonly body?: z.ZodObject;
}

/** A request that a route was found for, and whose user is known where the route asks for one. */
export interface RouteCall {
  readonly sdk: GitHubSdk;
  readonly settings: HttpSettings;
  readonly request: HttpRequest;
  /** As they stand in the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** What follows the `?`. */
  readonly search: string;
  readonly user: CallingUser | null;
}

/** What a handler answers. */
export interface RouteReply<Body = unknown> {
  /** 200 unless told. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; left out for an answer without a body. */
  readonly body?: Body;
}

/** What the schemas of an input let pass. */
export type Input<Schemas extends InputSchemas> = {
  readonly [Part in keyof Schemas]: Schemas[Part] extends z.ZodType ? z.output<Schemas[Part]> : never;
};

/** What a handler is called with: the checked parts of the request, and who sent it. */
export type HandlerCall<Auth extends RouteAuth, Schemas extends InputSchemas> = Input<Schemas> & {
  readonly sdk: GitHubSdk;
  readonly settings: HttpSettings;
  readonly request: HttpRequest;
  readonly user: Auth extends "user" ? CallingUser : null;
};

/** An endpoint as it is declared. */
export interface RouteDeclaration<Auth extends RouteAuth, Schemas extends InputSchemas, Response extends z.ZodType> {
  readonly method: "GET" | "POST";
  /** Below the base path: `/repositories/{owner}/{repo}`. */
  readonly path: string;
  readonly operationId: string;
  readonly tag: RouteTag;
  readonly summary: string;
  readonly auth: Auth;
  readonly input: Schemas;
  /** Where the `project_id` is that the user has to be allowed. */
  readonly project?: "params" | "body";
  /** The body of an answer that is no error. */
  readonly response: Response;
  /** Statuses of an answer with that body: 200 unless told. */
  readonly statuses?: readonly number[];
  /** Statuses of errors besides those that every endpoint has. */
  readonly errors: readonly number[];
  readonly handle: (call: HandlerCall<Auth, Schemas>) => Promise<RouteReply<z.input<Response>>>;
}

/** An endpoint: what it is called by, its shapes, and what it does. */
export interface Route
  extends Omit<RouteDeclaration<RouteAuth, InputSchemas, z.ZodType>, "handle" | "project" | "statuses"> {
  readonly statuses: readonly number[];
  /** Checks the request, asks whether the user may, and answers. @throws GitHubSdkError */
  readonly run: (call: RouteCall) => Promise<RouteReply>;
}

/** Declares an endpoint. Its handler sees nothing that its schemas have not let pass. */
export function defineRoute<Auth extends RouteAuth, Schemas extends InputSchemas, Response extends z.ZodType>({
  handle,
  project,
  statuses = [200],
  ...description
}: RouteDeclaration<Auth, Schemas, Response>): Route {
  const { input } = description;
  return {
    ...description,
    statuses,
    async run(call) {
      const { sdk, settings, request, user } = call;
      const parts = await parseParts(input, call);
      if (project !== undefined) await settings.requireProject(user, parts[project]?.project_id);
      // The parts were parsed by exactly these schemas, and the dispatcher gives a user where `auth` asks for one.
      return handle({ ...parts, sdk, settings, request, user } as HandlerCall<Auth, Schemas>);
    },
  };
}

type Parts = Partial<Record<keyof InputSchemas, Readonly<Record<string, unknown>>>>;

async function parseParts(schemas: InputSchemas, { request, params, search, settings }: RouteCall): Promise<Parts> {
  const { headers } = request;
  return defined({
    params: schemas.params && parseInput(schemas.params, params),
    query: schemas.query && parseQuery(schemas.query, search),
    headers: schemas.headers && parseHeaders(schemas.headers, headers),
    body: schemas.body && parseInput(schemas.body, await readJson(request, settings.bodyLimit)),
  });
}
