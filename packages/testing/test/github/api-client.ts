import type { GitHubBox } from "../../src/index.js";

/** A response with its body. */
export interface ApiResponse {
  status: number;
  headers: Headers;
  /** Parsed JSON, or text when the body is not JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read responses of all routes
  body: any;
}

/** Sends a request to the API. */
export type Api = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<ApiResponse>;

/** Creates an API client with a token. By default it calls the box directly with URLs of `https://api.github.com`. */
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

/** Sends a GraphQL request. */
export async function graphql(api: Api, query: string, variables: Record<string, unknown> = {}): Promise<ApiResponse> {
  return api("POST", "/graphql", { query, variables });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
