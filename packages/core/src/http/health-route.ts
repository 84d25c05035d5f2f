import type { AppHealth } from "../app/app-health.js";
import { healthSchema, toHealthResponse } from "./app-wire.js";
import { configuredApp } from "./configured-app.js";
import { defineRoute } from "./route.js";

const NOT_CHECKED = { ok: false, text: "Not checked" };

/** The health of a host that has no GitHub App on purpose: it serves everything else. */
const WITHOUT_APP: AppHealth = {
  status: "degraded",
  configuration: { ok: false, text: "Not configured" },
  jwtGeneration: NOT_CHECKED,
  apiConnectivity: NOT_CHECKED,
  errors: ["This host has no GitHub App. To use one, set the option `app`."],
};

/** Returns the health of the GitHub App, for monitoring. */
export const healthRoute = defineRoute({
  method: "GET",
  path: "/health",
  operationId: "getHealth",
  tag: "GitHub App",
  summary: "Get the health of the GitHub App; 503 when the App is misconfigured",
  auth: "public",
  input: {},
  response: healthSchema,
  statuses: [200, 503],
  errors: [],
  async handle({ sdk }) {
    const health = (await configuredApp(sdk)?.health()) ?? WITHOUT_APP;
    return { status: health.status === "unhealthy" ? 503 : 200, body: toHealthResponse(health) };
  },
});
