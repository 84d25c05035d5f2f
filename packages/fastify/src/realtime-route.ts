import { createServer, type IncomingMessage } from "node:http";
import { listenForUpgrades, type WebSocketSessions, type WebSocketVisitor } from "@infrajet/github/node";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { MountedPath } from "./mounted-path.js";
import { WITHOUT_QUERY, withoutQuery } from "./request-log.js";

type WebSocketPlugin = typeof import("@fastify/websocket")["default"];

/**
 * Adds the WebSocket of the plugin. The host's hooks run before it, as for its other routes. It uses the host's
 * `@fastify/websocket` when that is registered, and otherwise its own instance, which handles only this URL.
 *
 * @returns `false` when `@fastify/websocket` is not installed, so that there is no WebSocket.
 */
export async function addRealtimeRoute(
  app: FastifyInstance,
  base: string,
  mounted: MountedPath,
  sessions: WebSocketSessions,
): Promise<boolean> {
  if (app.hasDecorator("websocketServer")) {
    app.addHook("preClose", (done) => {
      sessions.end();
      done();
    });
  } else {
    const plugin = await loadPlugin();
    if (plugin === null) return false;
    await registerOwn(app, mounted, sessions, plugin);
  }
  const visitors = new WeakMap<IncomingMessage, WebSocketVisitor>();
  const preValidation = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (!request.ws) {
      // Fastify's 404 writes the URL to the log and the response.
      request.raw.url = withoutQuery(request.url);
      return reply.callNotFound();
    }
    try {
      visitors.set(request.raw, await sessions.admit(request.raw, request));
    } catch (error) {
      const { status, headers, body } = sessions.refusal(error);
      await reply.code(status).headers(headers).send(body);
    }
  };
  app.get(
    `${base}/ws`,
    {
      websocket: true,
      exposeHeadRoute: false,
      logSerializers: WITHOUT_QUERY,
      preValidation,
      onResponse: hangUp,
    },
    (socket, request) => {
      const visitor = visitors.get(request.raw);
      if (visitor === undefined) socket.terminate();
      else sessions.serve(socket, visitor);
    },
  );
  return true;
}

async function loadPlugin(): Promise<WebSocketPlugin | null> {
  try {
    return (await import("@fastify/websocket")).default;
  } catch (error) {
    if (error instanceof Error && error.message.includes("'@fastify/websocket'")) return null;
    throw error;
  }
}

async function registerOwn(
  app: FastifyInstance,
  mounted: MountedPath,
  sessions: WebSocketSessions,
  plugin: WebSocketPlugin,
): Promise<void> {
  // The plugin handles every upgrade request of its server, so that it gets a server that emits only those for this path.
  const upgrades = createServer();
  const isEndpoint = (path: string): boolean => mounted.isAt("/ws", path);
  const stop = listenForUpgrades(app.server, isEndpoint, (...request) => void upgrades.emit("upgrade", ...request));
  await app.register(plugin, {
    options: { ...sessions.serverOptions, server: upgrades },
    preClose: (done) => {
      stop();
      sessions.end();
      done();
    },
    // The default terminates the socket before the session can send the error.
    errorHandler: () => undefined,
  });
  sessions.refuseInvalid(app.websocketServer);
}

/** Closes the connection of a refused upgrade request, which no parser reads any longer. */
async function hangUp({ raw }: FastifyRequest): Promise<void> {
  if (raw.headers.upgrade !== undefined) raw.socket.destroy();
}
