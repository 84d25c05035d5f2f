import type { IncomingMessage } from "node:http";
import type { RawData, ServerOptions, WebSocket, WebSocketServer } from "ws";
import * as z from "zod";
import type { AuthenticationRequest } from "../adapters/authenticator.js";
import { GitHubSdkError, isGitHubSdkError } from "../errors.js";
import type { GitHubSdk } from "../github-sdk.js";
import { type CallingUser, redeemTicket } from "../http/calling-user.js";
import { errorResponse, isUnexpected } from "../http/error-response.js";
import type { GitHubHttp } from "../http/github-http.js";
import type { HttpResponse } from "../http/http-message.js";
import { realtimeClient } from "../http/realtime-client.js";
import { issueText } from "../issue-text.js";
import type { RealtimeConnection } from "../realtime/realtime.js";
import { GOING_AWAY, MESSAGE_TOO_BIG, type RealtimeSocket } from "../realtime/realtime-socket.js";
import { abortable } from "../timing/abortable.js";
import { timeoutSignal } from "../timing/timeout-signal.js";
import { refuseUpgrade } from "./refused-upgrade.js";
import { parseCommand, toMessageText } from "./websocket-messages.js";
import { afterOf, authenticationRequest, keepOwnProtocol, projectsOf, ticketOf } from "./websocket-request.js";

/** Limits of the WebSocket endpoint. */
export interface RealtimeLimits {
  /** The maximum size of a client's message in bytes. Defaults to 64 KiB. */
  readonly maxMessageBytes?: number;
  /** The maximum number of open sockets of one user in this process. Defaults to 200. */
  readonly maxSocketsPerUser?: number;
  /**
   * Accepts the bearer token in `?token=`, which is deprecated: URLs appear in logs. Defaults to true. Clients use a ticket or
   * the subprotocol instead.
   */
  readonly allowQueryToken?: boolean;
}

/** An authenticated WebSocket request. */
export interface WebSocketVisitor {
  readonly user: CallingUser;
  readonly request: AuthenticationRequest;
  /** The projects to subscribe to when the socket opens. */
  readonly projects: readonly string[];
  /** The cursor from which they continue; `null` for the present. */
  readonly after: string | null;
}

const limits = z.object({
  maxMessageBytes: z
    .int()
    .min(1)
    .default(64 * 1024),
  maxSocketsPerUser: z.int().min(1).default(200),
  allowQueryToken: z.boolean().default(true),
});

/** Messages over the limit are read up to this multiple of it, so that their sender receives the error before the socket is closed. */
const READ_BEYOND = 4;
const AUTHENTICATION_TIMEOUT = 15_000;

/** The part of the endpoints that sessions use. */
export type SessionHttp = Pick<GitHubHttp, "authenticate" | "allowsOrigin" | "requireProject">;

/** The WebSocket sessions of one server. */
export class WebSocketSessions {
  readonly #maxMessageBytes: number;
  readonly #maxSocketsPerUser: number;
  readonly #allowsQueryToken: boolean;
  readonly #sdk: GitHubSdk;
  readonly #http: SessionHttp;
  readonly #sessions = new Set<RealtimeConnection>();
  #ended = false;

  /** @throws GitHubSdkError `invalid_options` that names the option */
  constructor(sdk: GitHubSdk, http: SessionHttp, options: RealtimeLimits = {}) {
    const parsed = limits.safeParse(options);
    if (!parsed.success) {
      const problems = issueText(parsed.error.issues, "options");
      throw new GitHubSdkError("invalid_options", `The options of the WebSocket are not valid. ${problems}.`);
    }
    this.#maxMessageBytes = parsed.data.maxMessageBytes;
    this.#maxSocketsPerUser = parsed.data.maxSocketsPerUser;
    this.#allowsQueryToken = parsed.data.allowQueryToken;
    this.#sdk = sdk;
    this.#http = http;
  }

  /** The required options of the `ws` server. */
  get serverOptions(): Pick<ServerOptions, "maxPayload"> {
    return { maxPayload: this.#maxMessageBytes * READ_BEYOND };
  }

  /**
   * Authenticates a WebSocket request before its upgrade.
   *
   * @param raw The framework's own request object, for authenticators that read it.
   * @throws GitHubSdkError `unauthenticated` without a valid token or ticket; errors of the authenticator
   */
  async admit(request: IncomingMessage, raw: unknown = request): Promise<WebSocketVisitor> {
    const authentication = authenticationRequest(request, raw, this.#allowsQueryToken);
    const user = await this.#admit(authentication, ticketOf(request));
    keepOwnProtocol(request);
    return { user, request: authentication, projects: projectsOf(request), after: afterOf(request) };
  }

  /** Returns the response for a refused request, and logs unexpected errors. */
  refusal(error: unknown): HttpResponse {
    if (isUnexpected(error)) this.#sdk.logger.error("A WebSocket was refused.", { error });
    return errorResponse(error);
  }

  /** Responds in JSON to requests whose handshake the `ws` server rejects. */
  refuseInvalid(webSockets: WebSocketServer): void {
    webSockets.on("wsClientError", ({ message }, socket) => {
      refuseUpgrade(socket, errorResponse(new GitHubSdkError("malformed_request", `${message}.`)));
    });
  }

  /** Starts the session of an admitted visitor. */
  serve(webSocket: WebSocket, { user, request, projects, after }: WebSocketVisitor): void {
    const { clock, logger, realtime } = this.#sdk;
    const client = realtimeClient(user, {
      requireProject: (caller, projectId) => this.#http.requireProject(caller, projectId),
      authenticateAgain: () => this.#authenticate(request),
    });
    const socket = socketOf(webSocket, () => clock.now());
    const session = realtime.open(socket, client, this.#maxSocketsPerUser);
    this.#sessions.add(session);
    webSocket.on("message", (data, isBinary) => this.#receive(session, data, isBinary));
    webSocket.on("pong", () => session.markAlive());
    webSocket.on("ping", () => session.markAlive());
    // A `close` event follows every error.
    webSocket.on("error", (error) => logger.debug("A WebSocket connection failed.", { userId: user.id, error }));
    webSocket.once("close", () => {
      this.#sessions.delete(session);
      realtime.closed(session);
    });
    for (const projectId of projects)
      session.receive({ action: "subscribe", projectId, ...(after === null ? {} : { after }) });
    // The server may have closed since the request was admitted.
    if (this.#ended) session.end(GOING_AWAY);
  }

  /** Closes all sessions, and every session that starts later. */
  end(): void {
    this.#ended = true;
    for (const session of this.#sessions) session.end(GOING_AWAY);
  }

  /** Only the page that requested a ticket has it, whatever its origin. */
  async #admit(authentication: AuthenticationRequest, ticket: string | null): Promise<CallingUser> {
    if (ticket !== null) return redeemTicket(this.#sdk.realtime.tickets, ticket);
    if (!this.#http.allowsOrigin(authentication.headers)) await this.#requireToken(authentication);
    return this.#authenticate(authentication);
  }

  /**
   * Browsers send cookies with the WebSocket requests of any site, but a token only from the page that holds it. So a page of
   * another site needs a token, and the authenticator must not accept its request without that token.
   */
  async #requireToken(request: AuthenticationRequest): Promise<void> {
    const { bearerToken, headers } = request;
    if (bearerToken !== null && headers.cookie === undefined) return;
    if (bearerToken !== null && !(await this.#isAccepted({ ...request, bearerToken: null }))) return;
    const how =
      "Send a ticket in ?ticket=, or a token as the subprotocol bearer.TOKEN, or add the origin to allowedOrigins.";
    throw new GitHubSdkError("unauthenticated", `Pages of another origin cannot open a WebSocket with cookies. ${how}`);
  }

  async #isAccepted(request: AuthenticationRequest): Promise<boolean> {
    try {
      await this.#authenticate(request);
      return true;
    } catch (error) {
      if (isGitHubSdkError(error, "unauthenticated")) return false;
      throw error;
    }
  }

  async #authenticate(request: AuthenticationRequest): Promise<CallingUser> {
    const { clock } = this.#sdk;
    const late = new GitHubSdkError("internal_error", "Authentication timed out. Try again.");
    const timeout = timeoutSignal(clock, AUTHENTICATION_TIMEOUT, late);
    try {
      return await abortable([timeout.signal], () => this.#http.authenticate(request));
    } finally {
      timeout.clear();
    }
  }

  #receive(session: RealtimeConnection, data: RawData, isBinary: boolean): void {
    session.markAlive();
    const bytes = bytesOf(data);
    if (bytes.byteLength > this.#maxMessageBytes) {
      const detail = `The message exceeds the limit of ${this.#maxMessageBytes} bytes.`;
      session.end(MESSAGE_TOO_BIG, new GitHubSdkError("payload_too_large", detail));
      return;
    }
    try {
      if (isBinary)
        throw new GitHubSdkError("malformed_request", "Binary messages are not supported. Send JSON as text.");
      session.receive(parseCommand(bytes.toString("utf8")));
    } catch (error) {
      session.reject(error);
    }
  }
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

function socketOf(webSocket: WebSocket, now: () => number): RealtimeSocket {
  return {
    send: (message, sent) => webSocket.send(toMessageText(message, now()), () => sent()),
    ping: () => {
      if (webSocket.readyState === webSocket.OPEN) webSocket.ping();
    },
    pause: () => webSocket.pause(),
    resume: () => webSocket.resume(),
    close: ({ code, reason }) => webSocket.close(code, reason),
    terminate: () => webSocket.terminate(),
  };
}
