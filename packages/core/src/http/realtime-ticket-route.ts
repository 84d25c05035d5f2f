import * as z from "zod";
import { list } from "./bounded-fields.js";
import { optional, projectId } from "./request-fields.js";
import { defineRoute } from "./route.js";
import { named, timeSchema, toWireTime } from "./wire-value.js";

const MAX_PROJECTS = 100;

/** `POST /realtime/ticket`: a ticket for clients that cannot send the bearer token in a header, such as `EventSource`. */
export const realtimeTicketRoute = defineRoute({
  method: "POST",
  path: "/realtime/ticket",
  operationId: "createRealtimeTicket",
  tag: "Realtime",
  summary: "Create a ticket that opens one WebSocket or event stream within 30 seconds",
  auth: "user",
  input: {
    body: z.object({
      project_ids: optional(list(projectId, { min: 1, max: MAX_PROJECTS })),
    }),
  },
  response: named("GitHubRealtimeTicket", z.object({ ticket: z.string().describe("Secret"), expires_at: timeSchema })),
  errors: [404, 422],
  async handle({ sdk, settings, user, body: { project_ids: projectIds } }) {
    for (const id of projectIds ?? []) await settings.requireProject(user, id);
    const { ticket, expiresAt } = await sdk.realtime.tickets.issue(user.host, projectIds ?? null);
    return { body: { ticket, expires_at: toWireTime(expiresAt) } };
  },
});
