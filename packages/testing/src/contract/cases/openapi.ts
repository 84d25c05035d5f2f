import assert from "node:assert/strict";
import { z } from "zod";
import { contractCase } from "../contract-case.js";

/** All endpoints: the documented 22, and those that the SDK adds. */
const OPERATIONS = [
  "GET /auth/login",
  "POST /auth/callback",
  "GET /auth/callback",
  "GET /connection/status",
  "POST /disconnect",
  "GET /repositories",
  "GET /repositories/{owner}/{repo}",
  "POST /sync/plan",
  "POST /sync/project",
  "POST /sync/manual-trigger",
  "GET /sync/history/{project_id}",
  "GET /sync/status/{project_id}",
  "POST /sync/check-conflicts",
  "POST /sync/cancel",
  "POST /sync/retry",
  "GET /sync/metrics",
  "GET /installations",
  "POST /installation/token",
  "POST /repositories",
  "POST /repositories/push",
  "POST /repositories/sync",
  "POST /repositories/validate-access",
  "GET /install",
  "POST /webhook",
  "GET /health",
  "GET /live",
];
const METHODS = ["get", "post", "put", "patch", "delete"];
const PUBLIC = ["GET /auth/callback", "POST /webhook", "GET /health", "GET /live"];

const documentSchema = z.looseObject({
  openapi: z.string().regex(/^3\.1\./),
  info: z.looseObject({ title: z.string().min(1), version: z.string().min(1) }),
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
  security: z.array(z.unknown()).optional(),
});
const operationSchema = z.looseObject({
  operationId: z.string().min(1),
  security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
  responses: z.record(z.string(), z.unknown()),
});

/** `GET /openapi.json`. */
export const openapiCases = [
  contractCase("GET /openapi.json describes exactly the documented endpoints", async (scene) => {
    const { paths } = (await scene.anonymous.get("/openapi.json")).ok(documentSchema);
    const described = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item)
        .filter((method) => METHODS.includes(method))
        .map((method) => `${method.toUpperCase()} ${path.replace(/^\/api\/v1\/github/, "")}`),
    );
    assert.deepEqual(described.sort(), [...OPERATIONS].sort());
  }),

  contractCase("GET /openapi.json gives each operation an id, its responses and its security", async (scene) => {
    const { paths, security: everywhere } = (await scene.anonymous.get("/openapi.json")).ok(documentSchema);
    const ids = new Set<string>();
    for (const [path, item] of Object.entries(paths)) {
      for (const method of METHODS.filter((name) => name in item)) {
        const name = `${method.toUpperCase()} ${path.replace(/^\/api\/v1\/github/, "")}`;
        const { operationId, responses, security = everywhere ?? [] } = operationSchema.parse(item[method]);
        ids.add(operationId);
        const good = name === "GET /auth/callback" ? "303" : "200";
        assert.ok(good in responses, `${name} describes its ${good}`);
        const needsToken = !PUBLIC.includes(name);
        assert.equal("401" in responses, needsToken || name === "POST /webhook", `${name} and 401`);
        assert.equal(security.length > 0, needsToken, `${name} and its security`);
      }
    }
    assert.equal(ids.size, OPERATIONS.length);
  }),
];
