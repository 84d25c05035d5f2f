import assert from "node:assert/strict";
import type { PubSub } from "@infrajet/github/adapters";
import { type ConformanceCase, conformanceCase, mutate, type StoreSubject, secondStore } from "./conformance-case.js";

const pubSub = (
  name: string,
  test: (store: PubSub, subject: StoreSubject<PubSub>) => Promise<void>,
): ConformanceCase<StoreSubject<PubSub>> => conformanceCase(name, (subject) => test(subject.store, subject));

/** The conformance cases for a `PubSub`. Each case publishes few messages, so that none may be lost. */
export const pubSubConformance: readonly ConformanceCase<StoreSubject<PubSub>>[] = [
  pubSub("publish delivers messages to subscribers of the same process in order", async (store) => {
    const inbox = await subscribe(store, "a");
    for (let number = 0; number < 100; number += 1) await store.publish("a", number);
    assert.deepEqual(
      await inbox.receive(100),
      Array.from({ length: 100 }, (_, number) => number),
    );
  }),

  pubSub("publish delivers messages to subscribers of another process in order", async (store, subject) => {
    const inbox = await subscribe(await secondStore(subject), "a");
    await Promise.all(Array.from({ length: 20 }, (_, number) => store.publish("a", { number })));
    assert.deepEqual(
      await inbox.receive(20),
      Array.from({ length: 20 }, (_, number) => ({ number })),
    );
  }),

  pubSub("publish distinguishes channels exactly", async (store) => {
    const channels = ["sync", "Sync", "sync:1", "sync:*", "s\u00ffnc", "sync ".repeat(50)];
    const inboxes = await Promise.all(channels.map((channel) => subscribe(store, channel)));
    for (const channel of channels) await store.publish(channel, channel);
    for (const [index, inbox] of inboxes.entries()) assert.deepEqual(await inbox.receive(1), [channels[index]]);
    for (const channel of channels) await store.publish(channel, "end");
    for (const inbox of inboxes) assert.deepEqual((await inbox.receive(2)).slice(1), ["end"]);
  }),

  pubSub("publish delivers JSON values unchanged", async (store) => {
    const inbox = await subscribe(store, "a");
    const values = [
      null,
      true,
      0,
      -1.5,
      "",
      "\u{1f600} \u0000 line\n",
      [],
      {},
      { a: [{ b: null }] },
      "x".repeat(50_000),
    ];
    for (const value of values) await store.publish("a", value);
    assert.deepEqual(await inbox.receive(values.length), values);
  }),

  pubSub("publish delivers a separate copy of the message to each subscriber", async (store) => {
    const message = { text: "as published" };
    const first = await subscribe(store, "a", (received) => {
      if (typeof received === "object" && received !== null) mutate(received, { text: "changed" });
    });
    const second = await subscribe(store, "a");
    const published = store.publish("a", message);
    mutate(message, { text: "changed after publishing" });
    await published;
    await first.receive(1);
    assert.deepEqual(await second.receive(1), [{ text: "as published" }]);
  }),

  pubSub("subscribe does not deliver earlier messages", async (store) => {
    const fence = await subscribe(store, "a");
    await store.publish("a", "early");
    await fence.receive(1);
    const inbox = await subscribe(store, "a");
    await store.publish("a", "late");
    assert.deepEqual(await inbox.receive(1), ["late"]);
  }),

  pubSub("publish does not deliver to a subscription that has ended", async (store) => {
    const ended = await subscribe(store, "a");
    const fence = await subscribe(store, "a");
    await store.publish("a", 1);
    await ended.receive(1);
    await ended.end();
    await ended.end();
    await store.publish("a", 2);
    assert.deepEqual(await fence.receive(2), [1, 2]);
    assert.deepEqual(await ended.receive(1), [1]);
    const again = await subscribe(store, "a");
    await store.publish("a", 3);
    assert.deepEqual(await again.receive(1), [3]);
  }),

  pubSub("publish continues to deliver when another subscriber throws", async (store) => {
    await store.subscribe("a", () => {
      throw new Error("thrown by the test's subscriber");
    });
    const inbox = await subscribe(store, "a");
    await store.publish("a", 1);
    await store.publish("a", 2);
    assert.deepEqual(await inbox.receive(2), [1, 2]);
  }),

  pubSub("publish resolves without subscribers", async (store) => {
    await store.publish("no subscribers", { a: 1 });
  }),
];

interface Inbox {
  /** Resolves to all messages as soon as there are at least `count`. */
  receive(count: number): Promise<readonly unknown[]>;
  end(): Promise<void>;
}

/** Ends a case that hangs, also on a busy machine. */
const TIMEOUT_MILLISECONDS = 30_000;

async function subscribe(store: PubSub, channel: string, onMessage?: (message: unknown) => void): Promise<Inbox> {
  const messages: unknown[] = [];
  let wake = (): void => {};
  const end = await store.subscribe(channel, (message) => {
    messages.push(structuredClone(message));
    onMessage?.(message);
    wake();
  });
  const receive = (count: number): Promise<readonly unknown[]> =>
    new Promise((resolve, reject) => {
      const tooLate = (): void =>
        reject(new assert.AssertionError({ message: `timed out after ${messages.length} of ${count} messages` }));
      const timer = setTimeout(tooLate, TIMEOUT_MILLISECONDS);
      wake = () => {
        if (messages.length < count) return;
        clearTimeout(timer);
        resolve([...messages]);
      };
      wake();
    });
  return { receive, end };
}
