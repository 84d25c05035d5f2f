import * as z from "zod";
import { defineRoute } from "./route.js";
import { named } from "./wire-value.js";

/** Responds while the process serves requests, for liveness probes. */
export const liveRoute = defineRoute({
  method: "GET",
  path: "/live",
  operationId: "getLive",
  tag: "Operations",
  summary: "Check that the process serves requests",
  auth: "public",
  input: {},
  response: named("GitHubLive", z.object({ status: z.literal("ok") })),
  errors: [],
  handle: async () => ({ body: { status: "ok" as const } }),
});
