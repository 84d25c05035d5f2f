import * as z from "zod";
import type { AuthenticationRequest } from "../adapters/authenticator.js";
import { defined } from "../defined.js";
import { GitHubSdkError } from "../errors.js";
import type { GitHubSdk } from "../github-sdk.js";
import type { RealtimeConnection } from "../realtime/realtime.js";
import { GOING_AWAY } from "../realtime/realtime-socket.js";
import { repeated } from "./bounded-fields.js";
import { authenticate, bearerToken, type CallingUser } from "./calling-user.js";
import { EventStream } from "./event-stream.js";
import type { HttpRequest, StreamedBody } from "./http-message.js";
import { realtimeClient } from "./realtime-client.js";
import { realtimeMessageSchema } from "./realtime-wire.js";
import { optional, projectId } from "./request-fields.js";
import { defineRoute } from "./route.js";

const MAX_PROJECTS = 100;
const COMMENT_INTERVAL = 15_000;

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  // nginx would buffer the events.
  "x-accel-buffering": "no",
};

const cursor = optional(z.string().describe("The cursor or `id` of the last message that the client received"));

/** `GET /events`: the messages of the WebSocket as server-sent events. */
export const eventsRoute = defineRoute({
  method: "GET",
  path: "/events",
  operationId: "followProjects",
  tag: "Realtime",
  summary: "Follow the syncs of projects as server-sent events",
  auth: "visitor",
  input: {
    query: z.object({
      project_id: repeated(projectId, { min: 1, max: MAX_PROJECTS }),
      after: cursor,
    }),
    headers: z.object({ "last-event-id": cursor }),
  },
  response: realtimeMessageSchema,
  produces: "events",
  errors: [404, 422, 429],
  async handle({ sdk, settings, request, user, query, headers }) {
    const authenticateAgain = (): Promise<CallingUser> =>
      authenticate(settings.authenticator, authenticationOf(request));
    const projectIds = [...new Set(query.project_id)];
    const client = realtimeClient(user, { requireProject: settings.requireProject, authenticateAgain });
    for (const id of projectIds) await client.authorizeProject(id);
    if (request.method === "HEAD") return { headers: HEADERS };
    if (!sdk.realtime.hasRoom(user.id, settings.maxSocketsPerUser)) {
      const detail = `The limit of ${settings.maxSocketsPerUser} open connections per user is reached. Close one first.`;
      throw new GitHubSdkError("rate_limited", detail);
    }
    const after = headers["last-event-id"] || query.after || null;
    return {
      headers: HEADERS,
      stream: openStream(sdk, client, { projectIds, after, maxSockets: settings.maxSocketsPerUser }),
    };
  },
});

function authenticationOf({ method, target, headers, raw }: HttpRequest): AuthenticationRequest {
  const path = target.split("?", 1)[0] ?? "/";
  return { method, path, headers, bearerToken: bearerToken(headers.authorization), raw };
}

function openStream(
  { clock, realtime }: GitHubSdk,
  client: Parameters<GitHubSdk["realtime"]["open"]>[1],
  {
    projectIds,
    after,
    maxSockets,
  }: { readonly projectIds: readonly string[]; readonly after: string | null; readonly maxSockets: number },
): StreamedBody {
  const over = new AbortController();
  const stream = new EventStream({
    after,
    projectCount: projectIds.length,
    now: () => clock.now(),
    alive: () => session.markAlive(),
    ended: () => {
      over.abort();
      realtime.closed(session);
    },
  });
  const session: RealtimeConnection = realtime.open(stream, client, maxSockets);
  for (const id of projectIds)
    session.receive({ action: "subscribe", projectId: id, ...defined({ after: after ?? undefined }) });
  void sendComments(stream, (signal) => clock.idle(COMMENT_INTERVAL, signal), over.signal);
  return { body: stream.body, end: () => session.end(GOING_AWAY) };
}

async function sendComments(
  stream: EventStream,
  pause: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await pause(signal).catch(() => undefined);
    if (!signal.aborted) stream.ping();
  }
}
