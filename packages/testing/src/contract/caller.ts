import { Reply } from "./reply.js";

/** The headers and the body of a request. */
export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; strings and bytes are sent unchanged. */
  readonly body?: unknown;
}

/** A client of the host, with or without a bearer token. */
export class Caller {
  constructor(
    readonly baseUrl: string,
    /** The whole value of `Authorization`; `null` for none. */
    private readonly authorization: string | null,
  ) {}

  get(path: string, options: CallOptions = {}): Promise<Reply> {
    return this.send("GET", path, options);
  }

  post(path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    return this.send("POST", path, { body, headers });
  }

  async send(method: string, path: string, { headers = {}, body }: CallOptions): Promise<Reply> {
    const isRaw = typeof body === "string" || body instanceof Uint8Array;
    const content = isRaw ? body : JSON.stringify(body);
    const response = await fetch(`${this.baseUrl}${path}`, {
      method,
      redirect: "manual",
      headers: {
        ...(this.authorization === null ? {} : { authorization: this.authorization }),
        ...(body === undefined || isRaw ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: content }),
    });
    return new Reply(`${method} ${path}`, response.status, response.headers, await response.text());
  }
}
