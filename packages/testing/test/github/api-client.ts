import type { GitHubBox } from "../../src/index.js";

/** An answer, read. */
export interface ApiAnswer {
  status: number;
  headers: Headers;
  /** Parsed JSON, or the text where it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any;
}

/** Calls the API of a box with a token. */
export type Api = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<ApiAnswer>;

/** A client of `https://api.github.com` that goes straight into the box, or into whatever `send` is. */
export function apiClient(
  box: GitHubBox,
  token?: string,
  send: (request: Request) => Promise<Response> = box.fetch,
  root = "https://api.github.com",
): Api {
  return async (method, path, body, headers = {}) => {
    const request = new Request(root + path, {
      method,
      headers: {
        accept: "application/vnd.github+json",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      redirect: "manual",
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const response = await send(request);
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: parse(text) };
  };
}

/** Runs a GraphQL request and returns its answer. */
export async function graphql(api: Api, query: string, variables: Record<string, unknown> = {}): Promise<ApiAnswer> {
  return api("POST", "/graphql", { query, variables });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
