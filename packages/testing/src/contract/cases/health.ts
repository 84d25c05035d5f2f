import assert from "node:assert/strict";
import { healthSchema } from "../answers.js";
import { contractCase } from "../contract-case.js";

/** How long a look at GitHub may be old. */
const SOME_SECONDS = 60_000;
const SECRETS = /PRIVATE KEY|gh[opsu]_|eyJ/;

/** `GET /health`. */
export const healthCases = [
  contractCase("GET /health is healthy when everything works", async (scene) => {
    await scene.host.advance(SOME_SECONDS);
    const answer = await scene.nobody.get("/health");
    assert.deepEqual(answer.ok(healthSchema), {
      service: "GitHub App",
      status: "healthy",
      checks: { configuration: "✓ Valid", jwt_generation: "✓ Working", api_connectivity: "✓ Connected" },
      errors: [],
    });
  }),

  contractCase("GET /health is degraded and still 200 while GitHub does not answer", async (scene) => {
    await scene.host.advance(SOME_SECONDS);
    scene.fault({ path: /\/app$/, when: "before", respond: { status: 503 } });
    const health = (await scene.nobody.get("/health")).ok(healthSchema);
    assert.equal(health.status, "degraded");
    assert.match(health.checks.api_connectivity, /^✗ /);
    assert.match(health.checks.jwt_generation, /^✓ /);
    assert.ok(health.errors.length > 0);
    await scene.host.advance(SOME_SECONDS);
  }),

  contractCase(
    "GET /health is 503 when GitHub does not know the App",
    async (scene) => {
      const answer = await scene.nobody.get("/health");
      assert.equal(answer.status, 503);
      const health = answer.body(healthSchema);
      assert.equal(health.status, "unhealthy");
      assert.match(health.checks.api_connectivity, /^✗ /);
      assert.ok(health.errors.length > 0);
      assert.doesNotMatch(answer.text, SECRETS);
    },
    "strange-app",
  ),

  contractCase(
    "GET /health is 503 on a host that is no GitHub App",
    async (scene) => {
      const answer = await scene.nobody.get("/health");
      assert.equal(answer.status, 503);
      const health = answer.body(healthSchema);
      assert.equal(health.status, "unhealthy");
      assert.match(health.checks.configuration, /^✗ /);
      assert.ok(health.errors.length > 0);
    },
    "bare",
  ),
];
