import { once } from "node:events";
import { expect } from "vitest";
import { WebSocket } from "ws";
import { cookieOf, follow } from "./browser.js";

/** A JSON object in a response. */
export type Json = Readonly<Record<string, unknown>>;

/** A message on the host's WebSocket. */
export interface Message {
  readonly type: string;
  readonly data: Json;
}

/** A user of a host's endpoints with a browser. */
export class Client {
  readonly api: string;

  constructor(
    private readonly address: string,
    private readonly token: string,
  ) {
    this.api = `${address}/api/v1/github`;
  }

  get(path: string): Promise<Response> {
    return fetch(`${this.api}${path}`, { headers: this.#headers });
  }

  post(path: string, body: Json): Promise<Response> {
    const headers = { ...this.#headers, "content-type": "application/json" };
    return fetch(`${this.api}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  }

  /** Sends a GET request that must succeed, and returns the response's body. */
  async read(path: string): Promise<Json> {
    return bodyOf(await this.get(path));
  }

  /** Sends a POST request that must succeed, and returns the response's body. */
  async send(path: string, body: Json): Promise<Json> {
    return bodyOf(await this.post(path, body));
  }

  /** Sends a PUT request that must succeed, and returns the response's body. */
  async put(path: string, body: Json): Promise<Json> {
    const headers = { ...this.#headers, "content-type": "application/json" };
    return bodyOf(await fetch(`${this.api}${path}`, { method: "PUT", headers, body: JSON.stringify(body) }));
  }

  /** Opens the GitHub page in a field of an endpoint's response, and follows redirects until after the callback. */
  async visit(path: string, field: string, start: string = this.address): Promise<URL> {
    const response = await this.get(path);
    const url = String((await bodyOf(response))[field]);
    return follow(url, cookieOf(response), (href) => href.startsWith(start) && !href.startsWith(this.api));
  }

  /** Collects a project's WebSocket messages until one of a type. Calls `subscribed` after the subscription is confirmed. */
  async watch(projectId: string, until: string, subscribed: () => Promise<unknown>): Promise<readonly Message[]> {
    const url = `${this.api.replace(/^http/, "ws")}/ws?project_id=${projectId}`;
    const socket = new WebSocket(url, ["infrajet-github", `bearer.${this.token}`]);
    const messages: Message[] = [];
    const { promise, resolve } = deferred();
    socket.on("message", (text) => {
      const message: Message = JSON.parse(String(text));
      messages.push(message);
      if (message.type === "subscription_confirmed" || message.type === until) resolve(message.type);
      if (message.type === until) socket.close();
    });
    const closed = once(socket, "close");
    await promise;
    await subscribed();
    await closed;
    return messages;
  }

  get #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.token}` };
  }
}

async function bodyOf(response: Response): Promise<Json> {
  const text = await response.text();
  expect(response.status, `${response.url}: ${text}`).toBe(200);
  return JSON.parse(text);
}

function deferred(): { readonly promise: Promise<string>; readonly resolve: (value: string) => void } {
  let resolve = (_value: string): void => undefined;
  const promise = new Promise<string>((onValue) => {
    resolve = onValue;
  });
  return { promise, resolve };
}
