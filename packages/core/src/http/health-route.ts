import type { AppHealth } from "../app/app-health.js";
import { isGitHubSdkError } from "../errors.js";
import type { GitHubSdk } from "../sdk.js";
import { healthSchema, toHealthResponse } from "./app-wire.js";
import { defineRoute } from "./route.js";

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
    const health = await healthOf(sdk);
    return { status: health.status === "unhealthy" ? 503 : 200, body: toHealthResponse(health) };
  },
});

async function healthOf(sdk: GitHubSdk): Promise<AppHealth> {
  try {
    return await sdk.app.health();
  } catch (error) {
    if (!isGitHubSdkError(error, "capability_not_configured")) throw error;
    const notTried = { ok: false, text: "Not checked" };
    return {
      status: "unhealthy",
      configuration: { ok: false, text: "Missing" },
      jwtGeneration: notTried,
      apiConnectivity: notTried,
      errors: [error.message],
    };
  }
}
