import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EventStream } from "../../src/http/event-stream.js";
import type { RealtimeSession } from "../../src/realtime/realtime-session.js";
import { RealtimeFixture, settle } from "../realtime/realtime-fixture.js";
import { settleAll } from "../realtime/resuming-client.js";

let fixture: RealtimeFixture;
beforeEach(() => {
  fixture = new RealtimeFixture();
});
afterEach(() => fixture.close());

interface Opened {
  readonly stream: EventStream;
  readonly session: RealtimeSession;
  readonly reader: ReadableStreamDefaultReader<Uint8Array>;
}

async function open(after: string | null = null): Promise<Opened> {
  const stream: EventStream = new EventStream({
    after,
    projectCount: 1,
    now: () => fixture.clock.now(),
    alive: () => session.markAlive(),
    ended: () => fixture.engine.closed(session),
  });
  const client = { userId: "ada", authorizeProject: async () => undefined, authenticateAgain: async () => undefined };
  const session = fixture.engine.open(stream, client, 200);
  session.receive({ action: "subscribe", projectId: "infra" });
  await settleAll();
  return { stream, session, reader: stream.body.getReader() };
}

const pending = new WeakMap<Opened["reader"], ReturnType<Opened["reader"]["read"]>>();

/** Reads until the stream has nothing more to send. A read that is left waiting is continued by the next call. */
async function readAll({ reader }: Opened): Promise<string> {
  const decoder = new TextDecoder();
  for (let text = ""; ; ) {
    const reading = pending.get(reader) ?? reader.read();
    pending.set(reader, reading);
    const next = await Promise.race([reading, settle().then(settle)]);
    if (next === undefined) return text;
    pending.delete(reader);
    if (next.done) return text;
    text += decoder.decode(next.value);
  }
}

describe("EventStream", () => {
  it("begins with the time after which browsers reconnect, and the confirmation", async () => {
    const text = await readAll(await open());
    expect(text.split("\n\n")[0]).toBe("retry: 2000");
    expect(text.split("\n\n")[1]).toMatch(
      /^event: subscription_confirmed\nid: 0\.0\ndata: \{"type":"subscription_confirmed",/,
    );
  });

  it("keeps at most 64 messages of a client that does not read, and sends it the latest progress later", async () => {
    const slow = await open();
    const record = await fixture.record("ada");
    for (let count = 0; count < 1_000; count += 1) fixture.progress(record, Math.floor(count / 10));
    await fixture.end(record, "completed");
    const events = (await readAll(slow)).split("\n\n").filter((block) => block.startsWith("event: "));
    expect(events.length).toBeLessThan(70);
    expect(events.at(-1)).toContain("github_sync_completed");
  });

  it("is terminated after a minute in which the client reads nothing", async () => {
    const { reader } = await open();
    fixture.progress(await fixture.record("ada"), 1);
    for (let half = 0; half < 3; half += 1) await fixture.clock.advance(30_000);
    await settle();
    await expect(reader.read()).rejects.toThrow();
    expect(fixture.engine.hasRoom("ada", 1)).toBe(true);
  });

  it("frees its connection when the client disconnects", async () => {
    const { reader } = await open();
    expect(fixture.engine.hasRoom("ada", 1)).toBe(false);
    await reader.cancel();
    expect(fixture.engine.hasRoom("ada", 1)).toBe(true);
  });

  it("sends queued messages before it ends", async () => {
    const opened = await open();
    const record = await fixture.record("ada");
    await fixture.end(record, "failed");
    const closed = fixture.engine.close();
    const text = await readAll(opened);
    expect(text).toContain("event: github_sync_failed");
    await closed;
  });

  it("queues one comment at a time", async () => {
    const opened = await open();
    await readAll(opened);
    for (let count = 0; count < 3; count += 1) opened.stream.ping();
    expect(await readAll(opened)).toBe(":\n\n");
  });
});
