import type { IncomingMessage } from "node:http";
import type { RawData, ServerOptions, WebSocket } from "ws";
import { z } from "zod";
import type { AuthenticationRequest } from "../adapters/authenticator.js";
import { GitHubSdkError } from "../errors.js";
import type { CallingUser } from "../http/calling-user.js";
import { errorResponse, isUnexpected } from "../http/error-response.js";
import type { GitHubHttp } from "../http/github-http.js";
import type { HttpResponse } from "../http/http-message.js";
import type { RealtimeSession } from "../realtime/realtime-session.js";
import { GOING_AWAY, MESSAGE_TOO_BIG, type RealtimeSocket } from "../realtime/realtime-socket.js";
import type { GitHubSdk } from "../sdk.js";
import { abortable } from "../timing/abortable.js";
import { timeoutSignal } from "../timing/timeout-signal.js";
import { parseCommand, toMessageText } from "./websocket-messages.js";
import { authenticationRequest, keepOwnProtocol, projectsOf } from "./websocket-request.js";

/** What one client may take. */
export interface RealtimeLimits {
  /** Bytes that a client's message may have: 64 KiB unless told. */
  readonly maxMessageBytes?: number;
  /** Sockets that a user may have open at this process: 200 unless told. */
  readonly maxSocketsPerUser?: number;
}

/** Who asked for a WebSocket, and with what. */
export interface WebSocketVisitor {
  readonly user: CallingUser;
  readonly request: AuthenticationRequest;
  /** What is subscribed to at once. */
  readonly projects: readonly string[];
}

const limits = z.object({
  maxMessageBytes: z
    .int()
    .min(1)
    .default(64 * 1024),
  maxSocketsPerUser: z.int().min(1).default(200),
});

/** What breaks the limit is read nevertheless, within reason: its sender is told why the socket is closed. */
const READ_BEYOND = 4;
const AUTHENTICATION_DEADLINE = 15_000;

/** The WebSocket sessions of one server, whatever does its upgrades. */
export class WebSocketSessions {
  readonly #maxMessageBytes: number;
  readonly #maxSocketsPerUser: number;
  readonly #sdk: GitHubSdk;
  readonly #http: Pick<GitHubHttp, "authenticate" | "requireProject">;
  readonly #sessions = new Set<RealtimeSession>();
  #ended = false;

  /** @throws GitHubSdkError `invalid_options` naming the option */
  constructor(sdk: GitHubSdk, http: Pick<GitHubHttp, "authenticate" | "requireProject">, options: RealtimeLimits = {}) {
    const parsed = limits.safeParse(options);
    if (!parsed.success) {
      const words = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
      throw new GitHubSdkError("invalid_options", `The options of the WebSocket are not valid. ${words}`);
    }
    this.#maxMessageBytes = parsed.data.maxMessageBytes;
    this.#maxSocketsPerUser = parsed.data.maxSocketsPerUser;
    this.#sdk = sdk;
    this.#http = http;
  }

  /** What a server of `ws` has to be made with. */
  get serverOptions(): Pick<ServerOptions, "maxPayload"> {
    return { maxPayload: this.#maxMessageBytes * READ_BEYOND };
  }

  /**
   * Finds out who asks for a WebSocket, before the upgrade.
   *
   * @param raw the framework's own request, for authenticators that look there
   * @throws GitHubSdkError `unauthenticated` without a valid token; what the authenticator throws
   */
  async admit(request: IncomingMessage, raw: unknown = request): Promise<WebSocketVisitor> {
    const asked = authenticationRequest(request, raw);
    // Browsers send cookies with a WebSocket from any site; a token they send for their own page only.
    if (asked.bearerToken === null) {
      const how = "Send it in ?token= or as the subprotocol bearer.TOKEN beside infrajet-github.";
      throw new GitHubSdkError("unauthenticated", `A WebSocket needs a token. ${how}`);
    }
    const user = await this.#authenticate(asked);
    keepOwnProtocol(request);
    return { user, request: asked, projects: projectsOf(request) };
  }

  /** The answer to who is not let in; the log is told what the host has to look at. */
  refusal(error: unknown): HttpResponse {
    if (isUnexpected(error)) this.#sdk.realtime.logger.error("A WebSocket was refused.", { error });
    return errorResponse(error);
  }

  /** Takes up the session of a visitor that was admitted. */
  serve(webSocket: WebSocket, { user, request, projects }: WebSocketVisitor): void {
    const { realtime } = this.#sdk;
    const client = {
      userId: user.id,
      authorizeProject: (projectId: string) => this.#http.requireProject(user, projectId),
      authenticateAgain: async () => assertSame(user, await this.#authenticate(request)),
    };
    const socket = socketOf(webSocket, () => realtime.clock.now());
    const session = realtime.open(socket, client, this.#maxSocketsPerUser);
    this.#sessions.add(session);
    webSocket.on("message", (data, isBinary) => this.#receive(session, data, isBinary));
    webSocket.on("pong", () => session.alive());
    webSocket.on("ping", () => session.alive());
    // What breaks a connection also closes it.
    webSocket.on("error", (error) => realtime.logger.debug("A WebSocket broke.", { userId: user.id, error }));
    webSocket.once("close", () => {
      this.#sessions.delete(session);
      realtime.left(session);
    });
    for (const projectId of projects) session.receive({ action: "subscribe", projectId });
    // Let in just before the end.
    if (this.#ended) session.end(GOING_AWAY);
  }

  /** Closes the sessions of this server, which goes away. */
  end(): void {
    this.#ended = true;
    for (const session of this.#sessions) session.end(GOING_AWAY);
  }

  async #authenticate(request: AuthenticationRequest): Promise<CallingUser> {
    const { clock } = this.#sdk.realtime;
    const late = new GitHubSdkError("internal_error", "Authentication timed out. Try again.");
    const timeout = timeoutSignal(clock, AUTHENTICATION_DEADLINE, late);
    try {
      return await abortable([timeout.signal], () => this.#http.authenticate(request));
    } finally {
      timeout.clear();
    }
  }

  #receive(session: RealtimeSession, data: RawData, isBinary: boolean): void {
    session.alive();
    const bytes = bytesOf(data);
    if (bytes.byteLength > this.#maxMessageBytes) {
      const detail = `A message may have ${this.#maxMessageBytes} bytes.`;
      session.end(MESSAGE_TOO_BIG, new GitHubSdkError("payload_too_large", detail));
      return;
    }
    try {
      if (isBinary) throw new GitHubSdkError("malformed_request", "Messages are texts, not binary.");
      session.receive(parseCommand(bytes.toString("utf8")));
    } catch (error) {
      session.complain(error);
    }
  }
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

/** @throws GitHubSdkError `unauthenticated` */
function assertSame(before: CallingUser, now: CallingUser): void {
  if (now.id !== before.id) throw new GitHubSdkError("unauthenticated", "The token belongs to somebody else by now.");
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
