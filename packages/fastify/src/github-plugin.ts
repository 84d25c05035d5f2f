import type { GitHubSdk } from "@infrajet/github";
import {
  createGitHubHttp,
  type GitHubHttp,
  type GitHubHttpOptions,
  type Route,
  routeSchemas,
} from "@infrajet/github/http";
import { bodyOf, discardRest, NodeRequest } from "@infrajet/github/node";
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from "fastify";

/** What {@link githubPlugin} is registered with. */
export interface GitHubPluginOptions extends GitHubHttpOptions {
  readonly sdk: GitHubSdk;
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
export async function githubPlugin(app: FastifyInstance, { sdk, ...options }: GitHubPluginOptions): Promise<void> {
  const http = createGitHubHttp(sdk, options);
  const base = options.basePath === undefined && app.prefix !== "" ? "" : http.basePath;
  const handler = answerBy(http, `${app.prefix}${base}`);
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
  const documented = { operationId, tags: [tag], summary, security: auth === "user" ? [{ bearer: [] }] : [] };
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
