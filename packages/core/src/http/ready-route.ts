import * as z from "zod";
import { defined } from "../defined.js";
import { check, toCheckText } from "./check-wire.js";
import { defineRoute } from "./route.js";
import { named } from "./wire-value.js";

const readySchema = named(
  "GitHubReady",
  z.object({
    status: z.enum(["ready", "not_ready"]),
    checks: z.object({ store: check, migrations: check, source: check, queue: check.optional() }),
  }),
);

/** Responds with 200 when the process can serve requests, for readiness probes. */
export const readyRoute = defineRoute({
  method: "GET",
  path: "/ready",
  operationId: "getReady",
  tag: "Operations",
  summary: "Check that the stores, the source of project files and the queue respond; 503 when one does not",
  auth: "public",
  input: {},
  response: readySchema,
  statuses: [200, 503],
  errors: [],
  async handle({ sdk }) {
    const { ready, checks } = await sdk.ready();
    const { store, migrations, source, queue } = checks;
    return {
      status: ready ? 200 : 503,
      body: {
        status: ready ? ("ready" as const) : ("not_ready" as const),
        checks: defined({
          store: toCheckText(store),
          migrations: toCheckText(migrations),
          source: toCheckText(source),
          queue: queue && toCheckText(queue),
        }),
      },
    };
  },
});
