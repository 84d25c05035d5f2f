import assert from "node:assert/strict";
import * as z from "zod";
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
  "GET /repositories/{owner}/{repo}/branches",
  "POST /sync/plan",
  "POST /sync/project",
  "POST /sync/manual-trigger",
  "GET /sync/history/{project_id}",
  "GET /sync/status/{project_id}",
  "POST /sync/check-conflicts",
  "GET /sync/conflicts/{project_id}",
  "GET /sync/conflicts/{project_id}/content",
  "POST /sync/resolve",
  "POST /sync/cancel",
  "POST /sync/retry",
  "POST /sync/revert",
  "GET /sync/metrics",
  "PUT /sync/link/{project_id}",
  "GET /sync/link/{project_id}",
  "DELETE /sync/link/{project_id}",
  "GET /installations",
  "GET /installations/{installation_id}/repositories",
  "POST /installation/token",
  "POST /repositories",
  "POST /repositories/push",
  "POST /repositories/sync",
  "POST /repositories/validate-access",
  "GET /install",
  "GET /app/manifest",
  "GET /app/manifest/callback",
  "POST /webhook",
  "GET /events",
  "POST /realtime/ticket",
  "GET /health",
  "GET /live",
  "GET /ready",
  "GET /doctor",
];
/** The documented names of request bodies. */
const REQUEST_NAMES: Readonly<Record<string, string>> = {
  "POST /auth/callback": "GitHubCallbackRequest",
  "POST /disconnect": "GitHubDisconnectRequest",
  "POST /sync/project": "GitHubProjectSyncRequest",
  "POST /sync/manual-trigger": "GitHubSyncRequest",
  "POST /sync/check-conflicts": "GitHubSyncConflictCheckRequest",
  "POST /sync/retry": "GitHubSyncRetryRequest",
  "PUT /sync/link/{project_id}": "GitHubProjectLinkRequest",
  "POST /installation/token": "GitHubAppAuthRequest",
  "POST /repositories": "GitHubAppCreateRepoRequest",
  "POST /repositories/push": "GitHubAppPushRequest",
  "POST /repositories/sync": "GitHubAppSyncRequest",
  "POST /repositories/validate-access": "GitHubAppValidateAccessRequest",
};
/** The documented names of responses. */
const RESPONSE_NAMES: Readonly<Record<string, string>> = {
  "PUT /sync/link/{project_id}": "GitHubProjectLink",
  "POST /repositories/validate-access": "GitHubAppValidateAccessResponse",
  "GET /install": "GitHubAppInstallUrlResponse",
};
const METHODS = ["get", "post", "put", "patch", "delete"];
const PUBLIC = [
  "GET /auth/callback",
  "GET /app/manifest",
  "GET /app/manifest/callback",
  "POST /webhook",
  "GET /health",
  "GET /live",
  "GET /ready",
  "GET /doctor",
];

/** Schemas that the contract names. */
const NAMED_SCHEMAS = [
  "GitHubCallbackRequest",
  "GitHubDisconnectRequest",
  "GitHubSyncConflictCheckRequest",
  "GitHubSyncRetryRequest",
  "GitHubAppAuthRequest",
  "GitHubAppCreateRepoRequest",
  "GitHubAppPushRequest",
  "GitHubAppSyncRequest",
  "GitHubAppValidateAccessRequest",
  "GitHubAppValidateAccessResponse",
  "GitHubAppInstallUrlResponse",
];

const documentSchema = z.looseObject({
  openapi: z.string().regex(/^3\.1\./),
  info: z.looseObject({ title: z.string().min(1), version: z.string().min(1) }),
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
  security: z.array(z.unknown()).optional(),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
});
const operationSchema = z.looseObject({
  operationId: z.string().min(1),
  security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
  responses: z.record(z.string(), z.unknown()),
});

const content = z.looseObject({
  content: z
    .looseObject({ "application/json": z.looseObject({ schema: z.looseObject({ $ref: z.string().optional() }) }) })
    .optional(),
});
const bodiesSchema = z.looseObject({ requestBody: content.optional(), responses: z.record(z.string(), content) });

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

  contractCase("GET /openapi.json names the documented schemas and refers to them", async (scene) => {
    const { components, paths } = (await scene.anonymous.get("/openapi.json")).ok(documentSchema);
    const text = JSON.stringify(paths);
    for (const name of NAMED_SCHEMAS) {
      assert.ok(name in components.schemas, `the schema ${name}`);
      assert.ok(text.includes(`"#/components/schemas/${name}"`), `a reference to ${name}`);
    }
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

  contractCase("GET /openapi.json refers to requests and responses by their documented names", async (scene) => {
    const { paths } = (await scene.anonymous.get("/openapi.json")).ok(documentSchema);
    const contentOf = (operation: unknown, place: "requestBody" | "200"): string => {
      const { requestBody, responses } = bodiesSchema.parse(operation);
      const part = place === "200" ? responses["200"] : requestBody;
      return part?.content?.["application/json"].schema.$ref ?? "";
    };
    const operationOf = (name: string): unknown => {
      const [method = "", path = ""] = name.split(" ");
      return (paths[path] ?? paths[`/api/v1/github${path}`])?.[method.toLowerCase()];
    };
    for (const [operation, name] of Object.entries(REQUEST_NAMES)) {
      assert.equal(contentOf(operationOf(operation), "requestBody"), `#/components/schemas/${name}`);
    }
    for (const [operation, name] of Object.entries(RESPONSE_NAMES)) {
      assert.equal(contentOf(operationOf(operation), "200"), `#/components/schemas/${name}`);
    }
  }),
];
