import assert from "node:assert/strict";
import { contractCase } from "../contract-case.js";
import { doctorSchema, healthSchema, liveSchema, readySchema } from "../responses.js";

/** The maximum age of a cached check of GitHub. */
const SOME_SECONDS = 60_000;
const SECRETS = /PRIVATE KEY|gh[opsu]_|eyJ/;

/** `GET /health`, `/ready`, `/doctor` and `/live`. */
export const healthCases = [
  contractCase("GET /health returns healthy when every check passes", async (scene) => {
    await scene.host.advance(SOME_SECONDS);
    const response = await scene.anonymous.get("/health");
    assert.deepEqual(response.ok(healthSchema), {
      service: "GitHub App",
      status: "healthy",
      checks: { configuration: "✓ Valid", jwt_generation: "✓ Working", api_connectivity: "✓ Connected" },
      errors: [],
    });
  }),

  contractCase("GET /health returns 200 degraded while GitHub is unavailable", async (scene) => {
    await scene.host.advance(SOME_SECONDS);
    scene.fault({ path: /\/app$/, when: "before", respond: { status: 503 } });
    const health = (await scene.anonymous.get("/health")).ok(healthSchema);
    assert.equal(health.status, "degraded");
    assert.match(health.checks.api_connectivity, /^✗ /);
    assert.match(health.checks.jwt_generation, /^✓ /);
    assert.ok(health.errors.length > 0);
    await scene.host.advance(SOME_SECONDS);
  }),

  contractCase(
    "GET /health returns 503 when GitHub does not know the App",
    async (scene) => {
      const response = await scene.anonymous.get("/health");
      assert.equal(response.status, 503);
      const health = response.body(healthSchema);
      assert.equal(health.status, "unhealthy");
      assert.match(health.checks.api_connectivity, /^✗ /);
      assert.ok(health.errors.length > 0);
      assert.doesNotMatch(response.text, SECRETS);
    },
    "strange-app",
  ),

  contractCase(
    "GET /health returns 200 degraded on a host without a GitHub App",
    async (scene) => {
      const health = (await scene.anonymous.get("/health")).ok(healthSchema);
      assert.equal(health.status, "degraded");
      assert.equal(health.checks.configuration, "✗ Not configured");
      assert.ok(health.errors.length > 0);
    },
    "bare",
  ),

  contractCase("GET /ready returns 200 without a token when the stores and the source respond", async (scene) => {
    const response = await scene.anonymous.get("/ready");
    const { status, checks } = response.ok(readySchema);
    assert.equal(status, "ready");
    assert.deepEqual(checks, { store: "✓ Reachable", migrations: "✓ Applied", source: "✓ Reachable" });
  }),

  contractCase("GET /doctor reports faults to operators of the host only", async (scene) => {
    const { operatorToken } = scene.host;
    (await scene.anonymous.get("/doctor")).fails(403, "insufficient_permissions");
    const headers = { authorization: `Bearer ${operatorToken}` };
    const { status, findings } = (await scene.anonymous.get("/doctor", { headers })).ok(doctorSchema);
    // The box's App does not request every permission.
    assert.notEqual(status, "ok");
    assert.ok(findings.some(({ check }) => check === "app_permissions"));
  }),

  contractCase(
    "GET /doctor returns 501 on a host without operators",
    async (scene) => {
      (await scene.anonymous.get("/doctor")).fails(501, "capability_not_configured");
    },
    "no-browser",
  ),

  contractCase("GET /live returns 200 without a token", async (scene) => {
    assert.deepEqual((await scene.anonymous.get("/live")).ok(liveSchema), { status: "ok" });
  }),
];
