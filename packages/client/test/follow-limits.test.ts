import { createGitHubClient } from "@infrajet/github-client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type FakeMessage, FakeServer, type FakeSocket } from "./fake-server.js";

const baseUrl = "http://host.example/api";

describe("follow with a slow reader or a silent network", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** Opens a follow whose first connection is open. */
  async function open() {
    const server = new FakeServer();
    const client = createGitHubClient({ baseUrl, fetch: server.fetch, WebSocket: server.WebSocket });
    const follow = client.follow("network");
    const socket = await nextSocket(server, 1);
    socket.deliver(confirmed(0));
    return { server, follow, socket };
  }

  it("keeps only the latest progress of a sync", async () => {
    const { follow, socket } = await open();
    for (let percentage = 0; percentage <= 100; percentage += 1) socket.deliver(progress("1", percentage));
    socket.deliver(progress("2", 50));
    socket.deliver(ended("2", 1));
    follow.close();
    const read = [];
    for await (const { type, data } of follow) read.push([type, Object(data).progress_percentage]);
    expect(read).toEqual([
      ["subscription_confirmed", undefined],
      ["github_sync_progress", 100],
      ["github_sync_completed", undefined],
    ]);
  });

  it("disconnects while 1,000 messages wait, and continues from the last cursor", async () => {
    const { server, follow, socket } = await open();
    const loop = follow[Symbol.asyncIterator]();
    await loop.next();
    for (let sync = 1; sync <= 1_200; sync += 1) socket.deliver(ended(String(sync), sync));
    expect(socket.readyState).toBe(3);
    for (let read = 1; read <= 1_000; read += 1)
      expect((await loop.next()).value?.data).toMatchObject({ sync_id: `${read}` });

    const rest = loop.next();
    const second = await nextSocket(server, 2);
    expect(second.sent).toEqual([{ action: "subscribe_project", data: { project_id: "network", after: "feed.1000" } }]);
    second.deliver(ended("1001", 1_001));
    expect((await rest).value?.data).toMatchObject({ sync_id: "1001" });
    follow.close();
  });

  it("keeps the last 100 messages for a loop that has not begun, and stays connected", async () => {
    const { follow, socket } = await open();
    for (let sync = 1; sync <= 2_000; sync += 1) socket.deliver(ended(String(sync), sync));
    expect(socket.readyState).toBe(1);
    follow.close();
    const read = [];
    for await (const { data } of follow) read.push(Number(Object(data).sync_id));
    expect(read).toEqual(Array.from({ length: 100 }, (_, index) => 1_901 + index));
  });

  it("delivers an end that the server repeats once, and the end of a retry", async () => {
    const { follow, socket } = await open();
    const ends: unknown[] = [];
    follow.on("github_sync_completed", ({ data }) => ends.push(data.completed_at));
    socket.deliver(ended("1", 1));
    socket.deliver(ended("1", 1));
    socket.deliver(ended("1", 2));
    expect(ends).toEqual(["2026-01-01T00:00:00.001Z", "2026-01-01T00:00:00.002Z"]);
    follow.close();
  });

  it("replaces a connection on which nothing arrives after a heartbeat", async () => {
    const { server, follow, socket } = await open();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(socket.sent.at(-1)).toEqual({ action: "heartbeat", data: {} });
    socket.deliver({ type: "heartbeat", data: {} });
    await vi.advanceTimersByTimeAsync(30_000);
    expect(socket.readyState).toBe(1);

    await vi.advanceTimersByTimeAsync(30_000);
    expect(socket.readyState).toBe(3);
    await nextSocket(server, 2);
    follow.close();
  });

  it("waits for `Retry-After` before it requests a ticket again", async () => {
    const server = new FakeServer();
    const init = { status: 429, headers: { "retry-after": "20" } };
    server.tickets.push(Response.json({ code: "rate_limited", detail: "Too many requests." }, init));
    const client = createGitHubClient({ baseUrl, fetch: server.fetch, WebSocket: server.WebSocket });
    const follow = client.follow("network");
    await vi.advanceTimersByTimeAsync(19_000);
    expect(server.ticketRequests).toBe(1);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(server.ticketRequests).toBe(2);
    follow.close();
  });

  it("does not open a connection after it was closed", async () => {
    const server = new FakeServer();
    const client = createGitHubClient({ baseUrl, fetch: server.fetch, WebSocket: server.WebSocket });
    client.follow("network").close();
    client.follow("network", { signal: AbortSignal.abort() });
    await vi.advanceTimersByTimeAsync(120_000);
    expect(server.sockets).toEqual([]);
  });

  it("delivers messages to all listeners when one of them throws", async () => {
    const { follow, socket } = await open();
    const ends: unknown[] = [];
    follow.on("github_sync_completed", () => {
      throw new Error("a listener's own error");
    });
    follow.on("github_sync_completed", ({ data }) => ends.push(data.sync_id));
    const errors = await uncaughtErrors(() => {
      socket.deliver(ended("1", 1));
      socket.deliver(ended("2", 2));
    });
    expect(ends).toEqual(["1", "2"]);
    expect(errors).toEqual([new Error("a listener's own error"), new Error("a listener's own error")]);
    follow.close();
  });

  it("refuses a second loop", async () => {
    const { follow } = await open();
    const loop = follow[Symbol.asyncIterator]();
    await loop.next();
    await expect(follow[Symbol.asyncIterator]().next()).rejects.toThrow("Another loop reads the messages.");
    await loop.return?.();
  });
});

/** Resolves when the client opened its nth socket, and accepts it. */
async function nextSocket({ sockets }: FakeServer, count: number): Promise<FakeSocket> {
  for (let waited = 0; sockets.length < count && waited < 60; waited += 1) await vi.advanceTimersByTimeAsync(100);
  const socket = sockets[count - 1];
  if (socket === undefined) throw new Error(`The client opened ${sockets.length} sockets.`);
  socket.accept();
  return socket;
}

function confirmed(seq: number): FakeMessage {
  return { type: "subscription_confirmed", data: { project_id: "network" }, cursor: `feed.${seq}` };
}

function progress(sync_id: string, progress_percentage: number): FakeMessage {
  const data = { project_id: "network", sync_id, progress_percentage };
  return { type: "github_sync_progress", data, cursor: "feed.0" };
}

function ended(sync_id: string, seq: number): FakeMessage {
  const completed_at = new Date(Date.UTC(2026, 0, 1) + seq).toISOString();
  const data = { project_id: "network", sync_id, completed_at };
  return { type: "github_sync_completed", data, cursor: `feed.${seq}` };
}

/** Returns the errors of an action that no code caught, which would otherwise fail the test run. */
async function uncaughtErrors(action: () => void): Promise<readonly unknown[]> {
  const errors: unknown[] = [];
  const listeners = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => errors.push(error));
  try {
    action();
    await new Promise<void>((resolve) => process.nextTick(resolve));
  } finally {
    process.removeAllListeners("uncaughtException");
    for (const listener of listeners) process.on("uncaughtException", listener);
  }
  return errors;
}
