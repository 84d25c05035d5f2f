import { PassThrough } from "node:stream";
import { type GitHubSdk, GitHubSdkError, type Logger } from "@infrajet/github";
import {
  createGitHubHttp,
  errorResponse,
  type GitHubHttp,
  type GitHubHttpOptions,
  type HttpResponse,
  type Route,
  routeSchemas,
} from "@infrajet/github/http";
import {
  bodyOf,
  discardRest,
  NodeRequest,
  type RealtimeLimits,
  readableOf,
  WebSocketSessions,
} from "@infrajet/github/node";
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from "fastify";
import { MountedPath } from "./mounted-path.js";
import { addRealtimeRoute } from "./realtime-route.js";
import { WITHOUT_QUERY } from "./request-log.js";

/** The options of {@link githubPlugin}. */
export interface GitHubPluginOptions extends GitHubHttpOptions {
  readonly sdk: GitHubSdk;
  /** The logger of an SDK without the option `logger`. Defaults to the app's logger. */
  readonly logger?: Logger;
  /**
   * The limits of the WebSocket at `/ws`; `false` for no WebSocket. Defaults to a WebSocket when `@fastify/websocket` is
   * installed. A host that uses that plugin itself must register it before this one.
   */
  readonly realtime?: RealtimeLimits | false;
}

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

/**
 * A Fastify 5 plugin with the GitHub endpoints: `app.register(githubPlugin, { sdk, … })`.
 *
 * It mounts them at `/api/v1/github`, or at the `prefix` when there is one, parameters included. `basePath` overrides the path, below the prefix. The
 * host's hooks and CORS settings apply to the endpoints; the plugin's own content type parsers stay within it.
 *
 * @throws GitHubSdkError `invalid_options` that names the option and how to fix it
 */
export async function githubPlugin(
  app: FastifyInstance,
  { sdk, realtime, logger = appLogger(app), ...options }: GitHubPluginOptions,
): Promise<void> {
  if (logger !== undefined) sdk.useDefaultLogger(logger);
  const http = createGitHubHttp(sdk, options);
  const isMountedAtPrefix = options.basePath === undefined && /[^/]/.test(app.prefix);
  const base = isMountedAtPrefix ? "" : http.basePath;
  const mounted = new MountedPath(app, base);
  if (realtime !== false) await addRealtime(app, base, mounted, new WebSocketSessions(sdk, http, realtime), realtime);
  const handler = createHandler(http, mounted);
  if (options.notFound === true) await addNotFound(app, base, handler);
  // In a scope of its own, so that the host's parsers remain when it wraps the plugin by fastify-plugin.
  await app.register(async (scope) => addEndpoints(scope, http, base, handler, options));
}

/** Returns the app's logger. Without the app's option `logger`, it discards everything with one function: `undefined` then. */
function appLogger({ log }: FastifyInstance): Logger | undefined {
  return log.error === log.info ? undefined : log;
}

function addEndpoints(
  app: FastifyInstance,
  http: GitHubHttp,
  base: string,
  handler: Handler,
  { notFound = false }: Pick<GitHubHttpOptions, "notFound">,
): void {
  readBodiesRaw(app);
  for (const route of http.routes) {
    app.route({
      method: route.method,
      url: `${base}${urlOf(route)}`,
      schema: describe(route),
      handler,
      ...DOCUMENTED_ONLY,
    });
  }
  // OPTIONS is the host's, whose CORS plugin may register a route for it.
  const methods = app.supportedMethods.filter((method) => notFound || method !== "OPTIONS");
  for (const [url, routes] of byCatchAll(http.routes)) {
    app.route({ ...HIDDEN, method: otherMethods(methods, url, routes), url: `${base}${url}`, handler });
  }
}

/** The endpoints read bodies themselves: only after authentication, and as raw bytes, which a webhook's signature covers. */
function readBodiesRaw(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
}

/** Responds to every path below the endpoints' that is none of them, and to methods that Fastify has no routes for. */
async function addNotFound(app: FastifyInstance, prefix: string, handler: Handler): Promise<void> {
  await app.register(
    async (scope) => {
      readBodiesRaw(scope);
      scope.setNotFoundHandler(handler);
    },
    { prefix },
  );
}

/** Registers the WebSocket in a scope of its own, so that the hooks of its plugin do not run for the other endpoints. */
async function addRealtime(
  app: FastifyInstance,
  base: string,
  mounted: MountedPath,
  sessions: WebSocketSessions,
  limits: RealtimeLimits | undefined,
): Promise<void> {
  const url = `${mounted.pattern}/ws`;
  await app.register(async (scope) => {
    if (await addRealtimeRoute(scope, base, mounted, sessions)) return;
    const reason = "@fastify/websocket is not installed. Install it, or set realtime to false.";
    if (limits !== undefined) throw new GitHubSdkError("invalid_options", `No WebSocket at ${url}: ${reason}`);
    app.log.info(`No WebSocket at ${url}: ${reason}`);
  });
}

/** The endpoints respond to wrong methods themselves; requests for none of the endpoints are passed to the host. */
const HIDDEN = { schema: { hide: true } as FastifySchema, exposeHeadRoute: false, logSerializers: WITHOUT_QUERY };

/** The response to the base path itself, which is above all endpoints. */
const NOT_FOUND = errorResponse(new GitHubSdkError("endpoint_not_found", "Endpoint not found."));

/** The endpoints validate requests and serialize responses themselves; the schemas only document them. */
const DOCUMENTED_ONLY = {
  logSerializers: WITHOUT_QUERY,
  validatorCompiler: () => () => true,
  serializerCompiler: () => (data: unknown) => JSON.stringify(data),
};

function createHandler(http: GitHubHttp, mounted: MountedPath): Handler {
  return async (request, reply) => {
    const nodeRequest = new NodeRequest(request.raw, reply.raw, {
      target: mounted.targetOf(request.url),
      basePath: mounted.pattern,
      ignoreCase: mounted.ignoreCase,
      isSecure: request.protocol === "https",
      raw: request,
      body: bodyOf(request.raw, request),
    });
    const response = await http.handle(nodeRequest);
    if (response !== null) send(request, reply, response);
    else if (request.is404) send(request, reply, NOT_FOUND);
    else reply.callNotFound();
    return reply;
  };
}

function send(request: FastifyRequest, reply: FastifyReply, { status, headers, body, stream }: HttpResponse): void {
  reply.code(status).headers(headers);
  reply.raw.statusCode = status;
  if (stream !== undefined) {
    reply.send(readableOf(request.raw, stream));
    return;
  }
  const rest = discardRest(request.raw, reply.raw);
  if (rest === null) {
    reply.send(body === "" ? undefined : body);
    return;
  }
  // The end of the response can close the connection, so that it has to wait. The client has the whole response before.
  const held = new PassThrough();
  held.write(body);
  rest.then(() => held.end());
  reply.header("content-length", Buffer.byteLength(body)).send(held);
}

function describe(route: Route): FastifySchema {
  const { operationId, tag, summary, auth } = route;
  // The host's own document declares the security scheme for authenticated routes.
  const security = auth === "user" || auth === "visitor" ? {} : { security: [] };
  const documented = { operationId, tags: [tag], summary, ...security };
  return { ...documented, ...routeSchemas(route) };
}

/** Returns a route's path in Fastify's notation. */
function urlOf({ path }: Route): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}

/**
 * Returns the routes by the URL that matches all requests for them. A path with parameters is cut at the first one, since Fastify
 * rejects long parameters; several paths can have the same URL then.
 */
function byCatchAll(routes: readonly Route[]): ReadonlyMap<string, readonly Route[]> {
  const urls = new Map<string, Route[]>();
  for (const route of routes) {
    const url = urlOf(route).replace(/:.*/, "*");
    urls.set(url, [...(urls.get(url) ?? []), route]);
  }
  return urls;
}

/** Returns the methods without an endpoint at the URL; all of them for a URL that matches several paths. */
function otherMethods(methods: readonly string[], url: string, routes: readonly Route[]): string[] {
  if (url.endsWith("*")) return [...methods];
  const used = new Set<string>(routes.map(({ method }) => method));
  // Fastify adds HEAD for each GET.
  if (used.has("GET")) used.add("HEAD");
  return methods.filter((method) => !used.has(method));
}
