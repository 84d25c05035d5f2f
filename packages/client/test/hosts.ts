import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { attachRealtime, githubRouter } from "@infrajet/github-express";
import { githubPlugin } from "@infrajet/github-fastify";
import type { MountHost } from "@infrajet/github-testing/contract";
import express from "express";
import Fastify from "fastify";

const onExpress: MountHost = async ({ sdk, options }) => {
  const server = createServer(express().use(githubRouter(sdk, options)));
  attachRealtime(server, sdk, options);
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

const onFastify: MountHost = async ({ sdk, options }) => {
  const app = Fastify();
  await app.register(githubPlugin, { sdk, realtime: {}, ...options });
  return { url: await app.listen({ port: 0, host: "127.0.0.1" }), close: () => app.close() };
};

/** The hosts that the client is tested against. */
export const HOSTS: readonly (readonly [name: string, mount: MountHost])[] = [
  ["Express", onExpress],
  ["Fastify", onFastify],
];
