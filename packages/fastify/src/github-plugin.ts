import { type GitHubSdk, GitHubSdkError } from "@infrajet/github";
import {
  createGitHubHttp,
  type GitHubHttp,
  type GitHubHttpOptions,
  type Route,
  routeSchemas,
} from "@infrajet/github/http";
import { bodyOf, discardRest, NodeRequest, type RealtimeLimits, WebSocketSessions } from "@infrajet/github/node";
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from "fastify";
import { addRealtimeRoute } from "./realtime-route.js";

/** What {@link githubPlugin} is registered with. */
export interface GitHubPluginOptions extends GitHubHttpOptions {
  readonly sdk: GitHubSdk;
  /**
   * The WebSocket at `/ws`: `false` for none. Unless told, it is there when `@fastify/websocket` is installed; a host that uses
   * that plugin itself registers it before this one.
   */
  readonly realtime?: RealtimeLimits | false;
}

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

/**
 * The GitHub endpoints as a plugin for Fastify 5: `app.register(githubPlugin, { sdk, … })`.
 *
 * They are at `/api/v1/github`; with a `prefix` they are right there. `basePath` says otherwise, below the prefix. What the host
 * has set up (hooks, CORS) holds for them; what they set up (reading bodies) stays with them.
 *
 * @throws GitHubSdkError `invalid_options` naming the option and the mend
 */
export async function githubPlugin(
  app: FastifyInstance,
  { sdk, realtime, ...options }: GitHubPluginOptions,
): Promise<void> {
  const http = createGitHubHttp(sdk, options);
  const base = options.basePath === undefined && app.prefix !== "" ? "" : http.basePath;
  const handler = answerBy(http, `${app.prefix}${base}`);
  if (realtime !== false) await addRealtime(app, `${base}/ws`, new WebSocketSessions(sdk, http, realtime), realtime);
  // Bodies are read by the endpoints themselves: who may not call sends in vain, and a webhook is signed byte by byte.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
  for (const path of new Set(http.routes.map((route) => route.path))) {
    const routes = http.routes.filter((route) => route.path === path);
    const url = `${base}${path.replaceAll(/\{(\w+)\}/g, ":$1")}`;
    for (const route of routes)
      app.route({ method: route.method, url, schema: describe(route), handler, ...BY_ITSELF });
    app.route({ ...HIDDEN, method: otherMethods(app, path, routes), url: url.replace(/:.*/, "*"), handler });
  }
}

/** In a scope of its own: what the WebSocket's plugin does to each request there is not done to the other endpoints'. */
async function addRealtime(
  app: FastifyInstance,
  url: string,
  sessions: WebSocketSessions,
  asked: RealtimeLimits | undefined,
): Promise<void> {
  await app.register(async (scope) => {
    if (await addRealtimeRoute(scope, url, sessions)) return;
    const mend = "@fastify/websocket is not installed: install it, or set realtime to false.";
    if (asked !== undefined) throw new GitHubSdkError("invalid_options", `There is no WebSocket at ${url}. ${mend}`);
    app.log.info(`There is no WebSocket at ${url}. ${mend}`);
  });
}

/** The endpoints tell by themselves which methods an address takes; what turns out to be none of them goes to the host. */
const HIDDEN = { schema: { hide: true } as FastifySchema, exposeHeadRoute: false };

/** Requests are checked, and answers written, by the endpoints: the schemas are there to be read. */
const BY_ITSELF = {
  validatorCompiler: () => () => true,
  serializerCompiler: () => (data: unknown) => JSON.stringify(data),
};

function answerBy(http: GitHubHttp, basePath: string): Handler {
  return async (request, reply) => {
    const asked = new NodeRequest(request.raw, reply.raw, {
      target: request.url,
      basePath,
      isSecure: request.protocol === "https",
      raw: request,
      body: bodyOf(request.raw, request),
    });
    const answer = await http.handle(asked);
    if (answer === null) {
      reply.callNotFound();
      return reply;
    }
    const { status, headers, body } = answer;
    reply
      .code(status)
      .headers(headers)
      .send(body === "" ? undefined : body);
    discardRest(request.raw);
    return reply;
  };
}

function describe(route: Route): FastifySchema {
  const { operationId, tag, summary, auth } = route;
  // How users prove themselves is the host's affair: its description names the scheme, for all routes or for none.
  const security = auth === "user" ? {} : { security: [] };
  const documented = { operationId, tags: [tag], summary, ...security };
  return { ...documented, ...routeSchemas(route) };
}

/** Methods that no endpoint of the path has; all where the path ends in any text, since Fastify takes long ones for no parameter. */
function otherMethods(app: FastifyInstance, path: string, routes: readonly Route[]): string[] {
  if (path.includes("{")) return app.supportedMethods;
  const taken = new Set<string>(routes.map(({ method }) => method));
  // Fastify answers HEAD where there is GET.
  if (taken.has("GET")) taken.add("HEAD");
  return app.supportedMethods.filter((method) => !taken.has(method));
}
