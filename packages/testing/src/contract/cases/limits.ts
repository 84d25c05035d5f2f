import assert from "node:assert/strict";
import { contractCase } from "../contract-case.js";
import { sendSlowly } from "../oversized-request.js";
import { sendUnfinished } from "../unfinished-request.js";

const SIGNATURE = `sha256=${"0".repeat(64)}`;
const SYNC = { project_id: "network", repository_full_name: "octo/network" };
const PUSH = { installation_id: 1, repo_owner: "octo", repo_name: "network", commit_message: "Add files", files: {} };

/** Texts over their limit: endpoint, field, and the rest of a valid body. */
const LONG_TEXTS: readonly (readonly [path: string, field: string, body: object, value: unknown])[] = [
  ["/sync/project", "project_id", SYNC, "x".repeat(201)],
  ["/sync/project", "repository_full_name", SYNC, `octo/${"x".repeat(200)}`],
  ["/sync/project", "branch", SYNC, "x".repeat(245)],
  ["/sync/project", "branch", SYNC, "é".repeat(123)],
  ["/sync/project", "directory", SYNC, "/".repeat(20_000)],
  ["/sync/project", "directory", SYNC, `${"a/".repeat(2_048)}b`],
  ["/sync/project", "commit_message", SYNC, "x".repeat(64 * 1024 + 1)],
  ["/sync/project", "commit_message", SYNC, " ".repeat(64 * 1024 + 1)],
  ["/sync/manual-trigger", "directory", SYNC, "/".repeat(900_000)],
  ["/sync/check-conflicts", "directory", SYNC, "/".repeat(900_000)],
  ["/sync/manual-trigger", "file_paths", { ...SYNC, sync_all_files: false }, [`${"a/".repeat(2_048)}b`]],
  ["/repositories/push", "commit_message", PUSH, "x".repeat(64 * 1024 + 1)],
  ["/repositories/push", "branch", PUSH, "x".repeat(245)],
  ["/repositories/push", "files", PUSH, { [`${"a/".repeat(2_048)}b`]: "" }],
  ["/repositories", "description", { installation_id: 1, name: "network" }, "x".repeat(351)],
  ["/auth/callback", "code", { state: "x".repeat(16) }, "x".repeat(1_001)],
  ["/auth/callback", "state", { code: "x" }, "x".repeat(1_001)],
];

/** Lists and objects over their limit. */
const LONG_LISTS: readonly (readonly [path: string, field: string, body: object, value: unknown])[] = [
  ["/sync/manual-trigger", "file_paths", { ...SYNC, sync_all_files: false }, manyPaths(10_001)],
  ["/sync/manual-trigger", "file_paths", { ...SYNC, sync_all_files: false }, Array(100_000).fill("")],
  ["/sync/manual-trigger", "file_paths", SYNC, Array(100_000).fill("")],
  ["/repositories/push", "files", PUSH, Object.fromEntries(manyPaths(10_001).map((path) => [path, null]))],
  ["/repositories/sync", "files", PUSH, Object.fromEntries(manyPaths(10_001).map((path) => [path, null]))],
  ["/installation/token", "repositories", { installation_id: 1 }, manyPaths(501)],
  ["/installation/token", "permissions", { installation_id: 1 }, manyPermissions(101)],
];

/** The sizes of requests and the time that they may take. */
export const limitCases = [
  contractCase("a text over its limit returns 422 with the field before anything is looked up", async (scene) => {
    const user = await scene.user();
    for (const [path, field, body, value] of LONG_TEXTS)
      (await user.post(path, { ...body, [field]: value })).refuses(field);
  }),

  contractCase("a list over its limit returns 422 with the field before anything is looked up", async (scene) => {
    const user = await scene.user();
    for (const [path, field, body, value] of LONG_LISTS) {
      const { errors = [] } = (await user.post(path, { ...body, [field]: value })).refuses(field);
      assert.equal(errors.length, 1, `${path} names ${field} once`);
    }
  }),

  contractCase("a list of invalid items returns 422 with at most 20 problems", async (scene) => {
    const user = await scene.user();
    const paths = Array(10_000).fill("../x");
    const { errors = [] } = (
      await user.post("/sync/manual-trigger", { ...SYNC, sync_all_files: false, file_paths: paths })
    ).refuses("file_paths");
    assert.equal(errors.length, 20);
    const files = Object.fromEntries(manyPaths(10_000).map((path) => [path, 7]));
    assert.equal((await user.post("/repositories/push", { ...PUSH, files })).refuses("files").errors?.length, 20);
  }),

  contractCase("a body that is nested too deeply returns 422", async (scene) => {
    const user = await scene.user();
    const headers = { "content-type": "application/json" };
    for (const [open, close] of [
      ["[", "]"],
      ['{"a":', "}"],
    ] as const) {
      const deep = `${open.repeat(100_000)}1${close.repeat(100_000)}`;
      (await user.post("/sync/project", `{"project_id":${deep}}`, headers)).fails(422);
    }
  }),

  contractCase("GET /auth/login and GET /install return 422 for a state under 16 characters", async (scene) => {
    const user = await scene.user();
    for (const path of ["/auth/login", "/install"])
      (await user.get(`${path}?state=${"x".repeat(15)}`)).refuses("state");
  }),

  contractCase("a request without a body is rejected with a content type other than JSON", async (scene) => {
    const user = await scene.user();
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
      for (const path of ["/disconnect", "/sync/project"]) {
        const { status } = await user.post(path, undefined, { "content-type": type });
        assert.ok(status >= 400 && status < 500, `${path} returned ${status} for ${type}`);
      }
    }
  }),

  contractCase("POST /repositories/push has a larger body limit than endpoints without files", async (scene) => {
    const user = await scene.user();
    const { bodyLimit, filesBodyLimit } = scene.host;
    const files = { "a.txt": "x".repeat(bodyLimit) };
    const accepted = await user.post("/repositories/push", { ...PUSH, installation_id: "none", files });
    accepted.refuses("installation_id");
    const headers = { authorization: `Bearer ${await scene.host.tokenFor(user.userId)}` };
    const url = `${scene.host.baseUrl}/repositories/push`;
    (await sendSlowly(url, headers, filesBodyLimit + 1, { announced: false })).fails(413, "payload_too_large");
  }),

  contractCase("a request body that does not arrive within 10 seconds returns 408", async (scene) => {
    const user = await scene.user();
    const { baseUrl } = scene.host;
    const authorization = `Bearer ${await scene.host.tokenFor(user.userId)}`;
    const signature = {
      "x-github-event": "ping",
      "x-github-delivery": scene.name("d"),
      "x-hub-signature-256": SIGNATURE,
    };
    const replies = await Promise.all([
      sendUnfinished(`${baseUrl}/sync/project`, { authorization }, '{"project_id":'),
      sendUnfinished(`${baseUrl}/sync/project`, { authorization }),
      sendUnfinished(`${baseUrl}/webhook`, signature, '{"zen":'),
    ]);
    for (const reply of replies) reply.fails(408, "request_timeout");
  }),

  contractCase("POST /webhook rejects a missing or malformed signature before it reads the body", async (scene) => {
    const url = `${scene.host.baseUrl}/webhook`;
    const event = { "x-github-event": "ping", "x-github-delivery": scene.name("d") };
    for (const signature of [null, "", "sha256=", "sha1=00", SIGNATURE.slice(0, -1), `${SIGNATURE}0`]) {
      const headers = signature === null ? event : { ...event, "x-hub-signature-256": signature };
      (await sendUnfinished(url, headers)).fails(401, "invalid_signature");
    }
  }),
];

function manyPaths(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `f${index}`);
}

function manyPermissions(count: number): Readonly<Record<string, string>> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`p_${"x".repeat(index)}`, "read"]));
}
