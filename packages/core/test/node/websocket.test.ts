import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import type { AuthenticationRequest } from "../../src/adapters/authenticator.js";
import { attachRealtime } from "../../src/node/websocket-upgrade.js";
import { SyncFixture } from "../sync/sync-fixture.js";
import { ServedRealtime } from "./served-fixture.js";
import { type Refusal, SocketClient } from "./socket-client.js";

let fixture: SyncFixture;
let served: ServedRealtime;
beforeEach(async () => {
  fixture = await SyncFixture.create({ files: { "main.tf": "a\n" } });
  served = await ServedRealtime.start(fixture.sdk);
});
afterEach(async () => {
  await served.close();
  await fixture.close();
});

const refusal = (opening: Promise<SocketClient>): Promise<Refusal> =>
  opening.then(
    () => Promise.reject(new Error("it was upgraded")),
    (refused: Refusal) => refused,
  );

describe("attachRealtime: the upgrade", () => {
  it("accepts the token in the query, as a subprotocol and in the header", async () => {
    const clients = [
      await SocketClient.open(served.url("?token=token-7")),
      await SocketClient.open(served.url(), ["infrajet-github", "bearer.token-7"]),
      await SocketClient.open(served.url(), ["bearer.token-7", "infrajet-github"]),
      await SocketClient.open(served.url(), [], { authorization: "Bearer token-7" }),
    ];
    expect(clients.map(({ webSocket }) => webSocket.protocol)).toEqual(["", "infrajet-github", "infrajet-github", ""]);
    for (const client of clients) {
      client.send({ action: "heartbeat" });
      await expect(client.untilType("heartbeat")).resolves.toHaveLength(1);
    }
  });

  it("rejects the token in the query when the host does not allow it", async () => {
    const strict = await ServedRealtime.start(fixture.sdk, { allowQueryToken: false });
    expect((await refusal(SocketClient.open(strict.url("?token=token-7")))).status).toBe(401);
    await (await strict.connect()).close();
    await strict.close();
  });

  it.each([
    ["no token", ""],
    ["an empty token", "?token="],
    ["a wrong token", "?token=another"],
  ])("is refused with 401 for %s", async (_how, query) => {
    const { status, headers, body } = await refusal(SocketClient.open(served.url(query)));
    expect(status).toBe(401);
    expect(headers).toMatchObject({ "content-type": "application/json; charset=utf-8", "www-authenticate": "Bearer" });
    expect(JSON.parse(body)).toEqual({ detail: expect.any(String), code: "unauthenticated" });
  });

  it("is refused without details when the authenticator fails", async () => {
    const { status, body } = await refusal(SocketClient.open(served.url("?token=out%20of%20reach")));
    expect(status).toBe(500);
    expect(JSON.parse(body)).toMatchObject({ code: "internal_error" });
    expect(body).not.toContain("10.0.0.7");
  });

  it("of another protocol or path is handled as a plain request", async () => {
    const seen: string[] = [];
    const other = await ServedRealtime.start(fixture.sdk, {}, async (request, response) => {
      let body = "";
      for await (const chunk of request) body += String(chunk);
      seen.push(`${request.method} ${request.url} ${request.headers["x-kept"]} ${body.length}`);
      response.end("from the host");
    });
    const body = "b".repeat(300_000);
    const upgrade = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nX-Kept: yes";
    const answer = await exchange(other.port, [
      `POST /api/v1/github/ws HTTP/1.1\r\nHost: h\r\n${upgrade}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      "GET /second HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
    ]);
    expect(answer.match(/from the host/g)).toHaveLength(2);
    expect((await refusal(SocketClient.open(other.url("", "/elsewhere")))).body).toBe("from the host");
    expect(seen.toSorted()).toEqual([
      "GET /elsewhere undefined 0",
      "GET /second undefined 0",
      "POST /api/v1/github/ws yes 300000",
    ]);
    await other.close();
  });

  it("of pipelined requests is handled after the responses to earlier ones", async () => {
    let respond = (): void => undefined;
    const other = await ServedRealtime.start(fixture.sdk, {}, (request, response) => {
      const end = (): void => void response.end(`response to ${request.url};`);
      if (request.url === "/first") respond = end;
      else end();
      if (request.url === "/second") setImmediate(() => respond());
    });
    const upgrade = "Connection: Upgrade\r\nUpgrade: h2c\r\n";
    const text = await exchange(other.port, [
      "GET /first HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET /second HTTP/1.1\r\nHost: h\r\n\r\n",
      `GET /third HTTP/1.1\r\nHost: h\r\n${upgrade}\r\n`,
      `GET /fourth HTTP/1.1\r\nHost: h\r\n${upgrade}\r\n`,
      "GET /fifth HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
    ]);
    expect(text.match(/response to \/\w+/g)).toEqual(
      ["first", "second", "third", "fourth", "fifth"].map((name) => `response to /${name}`),
    );
    await other.close();
  });

  it("to a WebSocket is handled after the responses to earlier pipelined requests", async () => {
    const other = await ServedRealtime.start(fixture.sdk, {}, (_request, response) => {
      setImmediate(() => response.end("response;"));
    });
    const text = await exchange(other.port, [
      "GET /first HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET /api/v1/github/ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    ]);
    expect(text.match(/HTTP\/1\.1 \d+|response;/g)).toEqual(["HTTP/1.1 200", "response;", "HTTP/1.1 401"]);
    await other.close();
  });

  it("of the host's own upgrade listener is left to the host", async () => {
    const own = new WebSocketServer({ noServer: true });
    served.server.on("upgrade", (request, socket, head) => {
      if (request.url === "/chat") own.handleUpgrade(request, socket, head, (ws) => ws.send('{"type":"chat"}'));
    });
    const chat = await SocketClient.open(served.url("", "/chat"));
    await chat.untilType("chat");
    await (await served.connect()).close();
    await chat.close();
  });
});

describe("attachRealtime: an authenticator that reads cookies", () => {
  const authenticator = {
    authenticate: async ({ headers }: AuthenticationRequest) =>
      headers.cookie === "session=ada" ? { id: "ada" } : null,
  };
  const cookie = "session=ada";

  async function open(headers: Record<string, string>, query = "", options = {}): Promise<number | undefined> {
    const other = await ServedRealtime.start(fixture.sdk, { authenticator, ...options });
    try {
      const client = await SocketClient.open(other.url(query), [], { host: "host.example", ...headers });
      await client.close();
      return 101;
    } catch (error) {
      return (error as { readonly status?: number }).status;
    } finally {
      await other.close();
    }
  }

  it("accepts a WebSocket of the host's own pages and of clients that are not browsers", async () => {
    expect(await open({ cookie, origin: "https://host.example" })).toBe(101);
    expect(await open({ cookie })).toBe(101);
    expect(await open({ cookie: "session=bob" })).toBe(401);
  });

  it("refuses a WebSocket of another origin with 401, with any token in the query", async () => {
    for (const origin of ["https://evil.example", "null", "https://host.example.evil", "http://host.example:81"]) {
      expect(await open({ cookie, origin })).toBe(401);
      expect(await open({ cookie, origin }, "?token=anything")).toBe(401);
    }
  });

  it("accepts a WebSocket of an origin in allowedOrigins", async () => {
    const options = { allowedOrigins: ["https://app.example"] };
    expect(await open({ cookie, origin: "https://app.example" }, "", options)).toBe(101);
    expect(await open({ cookie, origin: "https://other.example" }, "", options)).toBe(401);
  });

  it("accepts a token from any origin where the token is required", async () => {
    const headers = { cookie: "other=1", origin: "https://app.example" };
    const client = await SocketClient.open(served.url("?token=token-7"), [], headers);
    await client.close();
    await expect(refusal(SocketClient.open(served.url(), [], headers))).resolves.toMatchObject({ status: 401 });
  });

  it("rejects an allowed origin that is not an origin", () => {
    const attach = () => attachRealtime(served.server, fixture.sdk, { authenticator, allowedOrigins: ["app.example"] });
    expect(attach).toThrow(/allowedOrigins/);
  });
});

describe("attachRealtime: the protocol", () => {
  it("confirms and removes subscriptions and replies to heartbeats", async () => {
    const client = await served.connect();
    client.subscribe("infra");
    client.subscribe("infra");
    client.send({ action: "heartbeat", data: { anything: 1 } });
    client.send({ action: "unsubscribe", data: { project_id: "infra" } });
    const told = await client.count(4);
    expect(told.map(({ type, data }) => ({ type, data }))).toEqual([
      { type: "subscription_confirmed", data: { project_id: "infra" } },
      { type: "subscription_confirmed", data: { project_id: "infra" } },
      { type: "heartbeat", data: {} },
      { type: "subscription_removed", data: { project_id: "infra" } },
    ]);
    for (const message of told) {
      const cursor = message.type === "heartbeat" ? [] : ["cursor"];
      expect(Object.keys(message).sort()).toEqual([...cursor, "data", "timestamp", "type"]);
      expect(message.timestamp).toBe(new Date(message.timestamp).toISOString());
    }
  });

  it.each([
    ["a message that is not JSON", "{", "malformed_request"],
    ["a message that is not an object", "7", "malformed_request"],
    ["a binary message", Buffer.from("{}"), "malformed_request"],
    ["an unknown action", { action: "sing" }, "validation_failed"],
    ["no project", { action: "subscribe_project", data: {} }, "validation_failed"],
    ["a project of the wrong type", { action: "unsubscribe", data: { project_id: 7 } }, "validation_failed"],
    ["an invalid project id", { action: "subscribe_project", data: { project_id: "../8/infra" } }, "validation_failed"],
    ["a project of another user", { action: "subscribe_project", data: { project_id: "secret" } }, "project_not_found"],
  ])("replies with an error to %s and stays open", async (_what, message, code) => {
    const client = await served.connect();
    client.send(message);
    client.send({ action: "heartbeat" });
    const [error] = await client.untilType("heartbeat");
    expect(error).toEqual({ type: "error", data: { code, detail: expect.any(String) }, timestamp: expect.any(String) });
  });

  it.each([64 * 1024 + 1, 200_000, 1_000_000])("closes the socket on a message of %i bytes", async (bytes) => {
    const client = await served.connect();
    client.send("x".repeat(bytes));
    await expect(client.closed).resolves.toMatchObject({ code: 1009 });
    // Far beyond the limit, the message is not read and no error is sent.
    expect(client.messages.map(({ data }) => data.code)).toEqual(bytes > 256 * 1024 ? [] : ["payload_too_large"]);
  });

  it("accepts a message of exactly the limit", async () => {
    const client = await served.connect();
    client.send(JSON.stringify({ action: "heartbeat", data: "" }).padEnd(64 * 1024));
    await client.untilType("heartbeat");
  });

  it("closes sockets over the user's limit", async () => {
    const few = await ServedRealtime.start(fixture.sdk, { maxSocketsPerUser: 2 });
    const [first] = [await few.connect(), await few.connect(), await few.connect("token-8")];
    const third = await few.connect();
    await expect(third.closed).resolves.toMatchObject({ code: 1008 });
    expect(third.messages).toMatchObject([{ type: "error", data: { code: "rate_limited" } }]);
    await first?.close();
    await (await few.connect()).close();
    await few.close();
  });

  it("names an invalid option", async () => {
    await expect(ServedRealtime.start(fixture.sdk, { maxMessageBytes: 0 })).rejects.toThrow("maxMessageBytes");
  });
});

describe("attachRealtime: a sync", () => {
  it("is reported to its own user only, with the result that the endpoints return", async () => {
    const [mine, theirs] = [await served.follow("token-7", "infra"), await served.follow("token-8", "infra")];
    const record = await fixture.sync();
    const told = await mine.untilType("github_sync_completed");
    const progress = told.filter(({ type }) => type === "github_sync_progress").map(({ data }) => data);
    const percentages = progress.map(({ progress_percentage }) => Number(progress_percentage));
    expect(percentages).toEqual([...percentages].sort((a, b) => a - b));
    expect([percentages[0], percentages.at(-1)]).toEqual([0, 100]);
    for (const data of progress) {
      expect(data).toEqual({
        sync_id: String(record.id),
        status: data.phase === "finished" ? "completed" : "in_progress",
        progress_percentage: expect.any(Number),
        current_file: data.current_file === null ? null : expect.any(String),
        files_completed: expect.any(Number),
        total_files: expect.any(Number),
        error_message: null,
        estimated_completion: data.estimated_completion === null ? null : expect.stringMatching(/Z$/),
        project_id: "infra",
        repository_full_name: "ada/infra",
        branch: "main",
        phase: expect.stringMatching(/^(reading|comparing|writing|finished)$/),
      });
    }
    expect(told.at(-1)?.data).toEqual({
      sync_id: String(record.id),
      status: "completed",
      repository_full_name: "ada/infra",
      branch: "main",
      commit_sha: record.commitId,
      commit_url: record.commitUrl,
      files_synced: 1,
      files_deleted: 0,
      error_message: null,
      conflicts: [],
      pull_request_url: null,
      created_at: record.createdAt.toISOString(),
      completed_at: record.completedAt?.toISOString(),
      error_code: null,
      direction: "push",
      files_pulled: 0,
      files_removed: 0,
      files_kept: 0,
      writer: "graphql",
      plan_hash: null,
      notes: [],
      project_id: "infra",
    });
    expect(theirs.messages).toHaveLength(1);
  });

  it("is reported as failed with its conflicts, and as cancelled when it was cancelled", async () => {
    const client = await served.follow("token-7", "infra");
    await fixture.commit({ "main.tf": "theirs\n" });
    await fixture.sync({ strategy: "fail" });
    const failed = (await client.untilType("github_sync_failed")).at(-1);
    expect(failed?.data).toMatchObject({
      ...{ status: "failed", project_id: "infra", error_message: expect.stringContaining("main.tf") },
      conflicts: [{ file_path: "main.tf", has_conflict: true }],
    });
    const submitted = await fixture.sdk.sync.submit(fixture.request());
    await fixture.sdk.sync.cancel(submitted.id);
    await fixture.sdk.sync.wait(submitted.id);
    await client.until(({ data }) => data.sync_id === String(submitted.id) && data.status === "cancelled");
    expect(client.messages.at(-1)).toMatchObject({ type: "github_sync_cancelled", data: { project_id: "infra" } });
  });
});

describe("attachRealtime: closing", () => {
  it("the server closes its sockets, so that it can close", async () => {
    const client = await served.connect();
    await served.close();
    await expect(client.closed).resolves.toMatchObject({ code: 1001 });
  });

  it("the SDK closes the sockets", async () => {
    const client = await served.follow("token-7", "infra");
    await fixture.close();
    await expect(client.closed).resolves.toMatchObject({ code: 1001 });
  });

  it("one endpoint does not affect the server", async () => {
    const client = await served.connect();
    served.attached.close();
    await expect(client.closed).resolves.toMatchObject({ code: 1001 });
    expect((await refusal(served.connect())).status).toBe(404);
  });
});

/** Sends bytes over one connection and resolves to everything that comes back. */
function exchange(port: number, writes: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    socket.on("data", (chunk) => {
      text += String(chunk);
    });
    socket.once("end", () => resolve(text));
    socket.once("error", reject);
    for (const bytes of writes) socket.write(bytes);
  });
}
