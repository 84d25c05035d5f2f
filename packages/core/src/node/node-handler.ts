import type { IncomingMessage, ServerResponse } from "node:http";
import { errorResponse } from "../http/error-response.js";
import { endpointNotFound } from "../http/fetch-handler.js";
import type { GitHubHttp } from "../http/github-http.js";
import { sendAnswer } from "./node-answer.js";
import { bodyOf, NodeRequest, type ReadBody } from "./node-request.js";

/** What frameworks in the style of Connect add to a request. */
export interface ConnectRequest extends IncomingMessage, ReadBody {
  /** The whole URL, where `url` is what is left of it after mounting. */
  readonly originalUrl?: string;
  /** Where the handler is mounted. */
  readonly baseUrl?: string;
  /** Whether the client speaks HTTPS, to the server or to a proxy that the framework trusts. */
  readonly secure?: boolean;
}

/** Called with a request that is for none of the endpoints, or with what went wrong. */
export type Next = (error?: unknown) => void;

/**
 * The endpoints as a handler for `node:http`, Connect, Express and others: `createServer(nodeHandler(http))`. What is for none of
 * them goes to `next`, and is answered with 404 where there is none.
 *
 * @param basePath the path before the endpoints' own where the handler is mounted at that path; unless told `http.basePath`
 */
export function nodeHandler(
  http: Pick<GitHubHttp, "handle" | "basePath">,
  basePathOf: (request: ConnectRequest) => string = () => http.basePath,
): (request: ConnectRequest, response: ServerResponse, next?: Next) => void {
  return (request, response, next) => {
    const { originalUrl = request.url ?? "/", secure = "encrypted" in request.socket } = request;
    const asked = new NodeRequest(request, response, {
      target: originalUrl,
      basePath: basePathOf(request),
      isSecure: secure,
      raw: request,
      body: bodyOf(request, request),
    });
    http
      .handle(asked)
      .then((answer) => {
        if (answer !== null) sendAnswer(request, response, answer);
        else if (next !== undefined) next();
        else sendAnswer(request, response, errorResponse(endpointNotFound()));
      })
      .catch((error) => (next === undefined ? response.destroy() : next(error)));
  };
}
