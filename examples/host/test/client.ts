import { once } from "node:events";
import { expect } from "vitest";
import { WebSocket } from "ws";
import { cookieOf, follow } from "./browser.js";

/** An object of an answer. */
export type Json = Readonly<Record<string, unknown>>;

/** A message of the host's WebSocket. */
export interface Message {
  readonly type: string;
  readonly data: Json;
}

/** Somebody who uses the endpoints of a host, and has a browser. */
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

  /** The answer of a GET that has to be 200. */
  async read(path: string): Promise<Json> {
    return answer(await this.get(path));
  }

  /** The answer of a POST that has to be 200. */
  async ask(path: string, body: Json): Promise<Json> {
    return answer(await this.post(path, body));
  }

  /** Opens a page of GitHub's that an endpoint names, and goes on until the browser is sent away from the callback. */
  async visit(path: string, field: string, start: string = this.address): Promise<URL> {
    const response = await this.get(path);
    const url = String((await answer(response))[field]);
    return follow(url, cookieOf(response), (href) => href.startsWith(start) && !href.startsWith(this.api));
  }

  /** Follows a project live until a message of that type; `subscribed` is called when the host listens. */
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

async function answer(response: Response): Promise<Json> {
  const text = await response.text();
  expect(response.status, `${response.url}: ${text}`).toBe(200);
  return JSON.parse(text);
}

function deferred(): { readonly promise: Promise<string>; readonly resolve: (value: string) => void } {
  let resolve = (_value: string): void => undefined;
  const promise = new Promise<string>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
