import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Authenticator, HostUser } from "@infrajet/github/adapters";
import type { GitHubSdk } from "../../src/github-sdk.js";
import { type AttachedRealtime, attachRealtime, type RealtimeOptions } from "../../src/node/websocket-upgrade.js";
import { SocketClient } from "./socket-client.js";

/** Authenticates `token-N` as user N. */
const tokens: Authenticator = {
  async authenticate({ bearerToken }): Promise<HostUser | null> {
    if (bearerToken === "out of reach") throw new Error("no key server at 10.0.0.7");
    const id = /^token-(\d+)$/.exec(bearerToken ?? "")?.[1];
    return id === undefined ? null : { id: Number(id) };
  },
};

/** A server of node:http with the WebSocket endpoint. */
export class ServedRealtime {
  readonly attached: AttachedRealtime;

  private constructor(
    readonly server: Server,
    readonly port: number,
    sdk: GitHubSdk,
    options: Partial<RealtimeOptions>,
  ) {
    this.attached = attachRealtime(server, sdk, {
      authenticator: tokens,
      sharedCredential: true,
      authorizeProject: (_user, projectId) => projectId !== "secret",
      ...options,
    });
  }

  static async start(
    sdk: GitHubSdk,
    options: Partial<RealtimeOptions> = {},
    listener: RequestListener = (_request, response) => void response.writeHead(404).end("nothing here"),
  ): Promise<ServedRealtime> {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new ServedRealtime(server, (server.address() as AddressInfo).port, sdk, options);
  }

  url(query = "", path = "/api/v1/github/ws"): string {
    return `ws://127.0.0.1:${this.port}${path}${query}`;
  }

  connect(token = "token-7", query = ""): Promise<SocketClient> {
    return SocketClient.open(this.url(query), ["infrajet-github", `bearer.${token}`]);
  }

  /** Opens a client with confirmed subscriptions to projects. */
  async follow(token: string, ...projects: readonly string[]): Promise<SocketClient> {
    const client = await this.connect(token, `?${projects.map((project) => `project_id=${project}`).join("&")}`);
    await client.until(
      () => client.messages.filter(({ type }) => type === "subscription_confirmed").length === projects.length,
    );
    return client;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}
