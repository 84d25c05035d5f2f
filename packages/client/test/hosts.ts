import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { attachRealtime, githubRouter } from "@infrajet/github-express";
import { githubPlugin } from "@infrajet/github-fastify";
import type { HostParts, RunningHost } from "@infrajet/github-testing/contract";
import express from "express";
import Fastify from "fastify";

/** A page that the hosts serve at `/page`: a browser that tests intercept does not trust its pages with the local network. */
const PAGE = "<!doctype html><title>A page of the host</title>";

/** Mounts the endpoints. Without `realtime`, the host refuses WebSockets. */
export type MountClientHost = (parts: HostParts, settings?: { readonly realtime: boolean }) => Promise<RunningHost>;

const onExpress: MountClientHost = async ({ sdk, options }, { realtime } = { realtime: true }) => {
  const server = createServer(
    express()
      .get("/page", (_request, response) => void response.type("html").send(PAGE))
      .use(githubRouter(sdk, options)),
  );
  if (realtime) attachRealtime(server, sdk, options);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const onFastify: MountClientHost = async ({ sdk, options }, { realtime } = { realtime: true }) => {
  // A request that is aborted before it is sent leaves a connection that Node closes after a minute.
  const app = Fastify({ forceCloseConnections: true });
  app.get("/page", (_request, reply) => reply.type("text/html").send(PAGE));
  await app.register(githubPlugin, { sdk, realtime: realtime ? {} : false, ...options });
  return { url: await app.listen({ port: 0, host: "127.0.0.1" }), close: () => app.close() };
};

/** The hosts that the client is tested against. */
export const HOSTS: readonly (readonly [name: string, mount: MountClientHost])[] = [
  ["Express", onExpress],
  ["Fastify", onFastify],
];
