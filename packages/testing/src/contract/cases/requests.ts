import assert from "node:assert/strict";
import { contractCase } from "../contract-case.js";
import { sendSlowly } from "../oversized-request.js";
import { connectionStatusSchema, syncSchema } from "../responses.js";
import { projectIn, syncedProject } from "../synced-scene.js";

/** The reading of requests, which all endpoints share. */
export const requestCases = [
  contractCase("a request body that is not valid JSON returns a documented error", async (scene) => {
    const user = await scene.user();
    const headers = { "content-type": "application/json" };
    for (const body of ["{", "no json", '{"project_id":', "\u0000", '{"a":1}x', "undefined"]) {
      for (const path of ["/sync/project", "/disconnect", "/repositories/push"]) {
        const response = await user.post(path, body, headers);
        assert.ok([400, 422].includes(response.status), `${path} returned ${response.status} to ${body}`);
        response.error();
      }
    }
    const bytes = await user.post("/sync/project", new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), headers);
    assert.ok([400, 422].includes(bytes.status), `broken UTF-8 returned ${bytes.status}`);
    bytes.error();
  }),

  contractCase("a request body that is not a JSON object returns a documented error", async (scene) => {
    const user = await scene.user();
    for (const body of ["[]", "null", '"text"', "1", "true"]) {
      const response = await user.post("/sync/project", body, { "content-type": "application/json" });
      assert.ok([400, 422].includes(response.status), `${body} returned ${response.status}`);
      response.error();
    }
  }),

  contractCase("a request body of another content type is rejected", async (scene) => {
    const user = await scene.user();
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
      "application/xml",
    ]) {
      const response = await user.post("/sync/project", "project_id=network", { "content-type": type });
      assert.ok([400, 422].includes(response.status), `${type} returned ${response.status}`);
      response.error();
    }
  }),

  contractCase("a request body is accepted with every spelling of the JSON content type", async (scene) => {
    const { user, repository } = await syncedProject(scene, {});
    await user.write({ "a.tf": "a\n" });
    const body = JSON.stringify(projectIn(repository));
    for (const type of ["application/json", "application/json; charset=utf-8", "Application/JSON"]) {
      (await user.post("/sync/project", body, { "content-type": type })).ok(syncSchema);
    }
  }),

  contractCase("a missing request body is rejected where one is required", async (scene) => {
    const user = await scene.user();
    for (const path of [
      "/auth/callback",
      "/sync/project",
      "/sync/retry",
      "/installation/token",
      "/repositories/push",
    ]) {
      const response = await user.post(path);
      assert.ok([400, 422].includes(response.status), `${path} returned ${response.status}`);
      response.error();
    }
  }),

  contractCase("a request body over the limit returns 413, with and without Content-Length", async (scene) => {
    const token = await scene.host.tokenFor(scene.name("user"));
    const headers = { authorization: `Bearer ${token}` };
    for (const announced of [true, false]) {
      const response = await sendSlowly(`${scene.host.baseUrl}/sync/project`, headers, scene.host.bodyLimit + 1, {
        announced,
      });
      response.fails(413, "payload_too_large");
    }
  }),

  contractCase("a path that is not an endpoint returns the host's 404", async (scene) => {
    const user = await scene.user();
    for (const path of [
      "/nothing-here",
      "/sync",
      "/auth",
      "/connection/status/more",
      "/sync/history",
      "/connection/status/",
      "/Connection/Status",
      "//",
      "",
    ]) {
      assert.equal((await user.get(path)).status, 404, path);
      assert.equal((await scene.anonymous.get(path)).status, 404, `${path} without a token`);
    }
  }),

  contractCase("a method that an endpoint does not have is rejected", async (scene) => {
    const user = await scene.user();
    const wrong = [
      ["POST", "/connection/status"],
      ["DELETE", "/repositories"],
      ["GET", "/disconnect"],
      ["PUT", "/sync/project"],
      ["PATCH", "/webhook"],
    ] as const;
    for (const [method, path] of wrong) {
      const { status } = await user.send(method, path, {});
      assert.ok(status === 404 || status === 405, `${method} ${path} returned ${status}`);
    }
  }),

  contractCase("unknown query parameters are ignored", async (scene) => {
    const user = await scene.user();
    (await user.get("/connection/status?unknown=1&__proto__=2")).ok(connectionStatusSchema);
  }),
];
