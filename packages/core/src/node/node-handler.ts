import type { IncomingMessage, ServerResponse } from "node:http";
import { errorResponse } from "../http/error-response.js";
import { endpointNotFound } from "../http/fetch-handler.js";
import type { GitHubHttp } from "../http/github-http.js";
import { bodyOf, NodeRequest, type ReadBody } from "./node-request.js";
import { sendResponse } from "./node-response.js";

/** A request with the properties that Connect-style frameworks add. */
export interface ConnectRequest extends IncomingMessage, ReadBody {
  /** The full URL; `url` lacks the path at which the handler is mounted. */
  readonly originalUrl?: string;
  /** The path at which the handler is mounted. */
  readonly baseUrl?: string;
  /** True when the client uses HTTPS, to the server or to a proxy that the framework trusts. */
  readonly secure?: boolean;
}

/** Passes a request that is for none of the endpoints, or an error, to the next handler. */
export type Next = (error?: unknown) => void;

/**
 * Returns a handler of the endpoints for `node:http`, Connect and Express: `createServer(nodeHandler(http))`. Other requests are
 * passed to `next`; without `next` the response is 404.
 *
 * @param basePathOf Returns the path before the endpoints' own paths for a request. Defaults to `http.basePath`.
 */
export function nodeHandler(
  http: Pick<GitHubHttp, "handle" | "basePath">,
  basePathOf: (request: ConnectRequest) => string = () => http.basePath,
): (request: ConnectRequest, response: ServerResponse, next?: Next) => void {
  return (request, response, next) => {
    const { originalUrl = request.url ?? "/", secure = "encrypted" in request.socket } = request;
    const nodeRequest = new NodeRequest(request, response, {
      target: originalUrl,
      basePath: basePathOf(request),
      isSecure: secure,
      raw: request,
      body: bodyOf(request, request),
    });
    http
      .handle(nodeRequest)
      .then((sent) => {
        if (sent !== null) sendResponse(request, response, sent);
        else if (next !== undefined) next();
        else sendResponse(request, response, errorResponse(endpointNotFound()));
      })
      .catch((error) => (next === undefined ? response.destroy() : next(error)));
  };
}
