import { createServer, type IncomingMessage } from "node:http";
import { listenForUpgrades, type WebSocketSessions, type WebSocketVisitor } from "@infrajet/github/node";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

type WebSocketPlugin = typeof import("@fastify/websocket")["default"];

/**
 * Puts the WebSocket at a URL of the plugin. The host's hooks run before, as for its other routes. Where the host has registered
 * `@fastify/websocket` itself, that one upgrades; otherwise one of our own, which takes nothing but this URL.
 */
export async function addRealtimeRoute(
  app: FastifyInstance,
  url: string,
  sessions: WebSocketSessions,
  plugin: WebSocketPlugin,
): Promise<void> {
  if (app.hasDecorator("websocketServer")) {
    app.addHook("preClose", (done) => {
      sessions.end();
      done();
    });
  } else {
    await registerOwn(app, `${app.prefix}${url}`, sessions, plugin);
  }
  const visitors = new WeakMap<IncomingMessage, WebSocketVisitor>();
  const preValidation = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (!request.ws) return reply.callNotFound();
    try {
      visitors.set(request.raw, await sessions.admit(request.raw, request));
    } catch (error) {
      const { status, headers, body } = sessions.refusal(error);
      await reply.code(status).headers(headers).send(body);
    }
  };
  app.get(
    url,
    { websocket: true, exposeHeadRoute: false, logSerializers: { req: withoutQuery }, preValidation },
    (socket, request) => {
      const visitor = visitors.get(request.raw);
      if (visitor === undefined) socket.terminate();
      else sessions.serve(socket, visitor);
    },
  );
}

async function registerOwn(
  app: FastifyInstance,
  path: string,
  sessions: WebSocketSessions,
  plugin: WebSocketPlugin,
): Promise<void> {
  // The plugin answers every upgrade of the server that it listens to, so it listens to one that has those of our path alone.
  const upgrades = createServer();
  const stop = listenForUpgrades(app.server, path, (...asked) => void upgrades.emit("upgrade", ...asked));
  await app.register(plugin, {
    options: { ...sessions.serverOptions, server: upgrades },
    preClose: (done) => {
      stop();
      sessions.end();
      done();
    },
    // By default it cuts the socket off, before the client is told why. The session sees to it.
    errorHandler: () => undefined,
  });
}

/** The query may hold a token. */
function withoutQuery({ method, url, host, ip }: FastifyRequest): Record<string, unknown> {
  return { method, url: url.split("?", 1)[0], host, remoteAddress: ip };
}
