import fc from "fast-check";
import { expect, it } from "vitest";
import { newSyncRecord } from "../../src/domain/sync-record.js";
import { Outbox } from "../../src/realtime/outbox.js";
import type { RealtimeMessage } from "../../src/realtime/realtime-message.js";
import { TARGET } from "../sync/plan/planned-sync.js";
import { ManualSocket } from "./manual-socket.js";

type Step = { readonly kind: "progress" | "end"; readonly syncId: number } | { readonly kind: "heartbeat" | "take" };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom("progress" as const, "end" as const), syncId: fc.nat({ max: 3 }) }),
  fc.record({ kind: fc.constantFrom("heartbeat" as const, "take" as const) }),
);

const nothing = { userId: "ada", projectId: "infra", repository: "ada/infra" };

function messageOf(step: Step, serial: number): RealtimeMessage | null {
  switch (step.kind) {
    case "take":
      return null;
    case "heartbeat":
      return { type: "heartbeat" };
    case "end":
      return {
        type: "ended",
        cursor: { feedId: "f", seq: serial },
        record: newSyncRecord(step.syncId, {
          ...nothing,
          target: TARGET,
          options: {} as never,
          createdAt: new Date(serial),
        }),
      };
    case "progress":
      return {
        type: "progress",
        cursor: { feedId: "f", seq: serial },
        progress: {
          ...{ ...nothing, syncId: step.syncId, branch: "main", phase: "reading", percentage: serial },
          ...{ currentFile: null, filesCompleted: 0, totalFiles: 0, estimatedCompletion: null },
        },
      };
  }
}

it("Outbox delivers all messages in order and the latest progress of each sync, whenever the client reads", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400, size: "max" }), (steps) => {
      const socket = new ManualSocket();
      socket.stall();
      const outbox = new Outbox(socket, () => 0);
      const pushed: RealtimeMessage[] = [];
      let sent = 0;
      for (const [serial, step] of steps.entries()) {
        const message = messageOf(step, serial);
        if (message === null) socket.take();
        if (message === null) continue;
        pushed.push(message);
        outbox.push(message, () => {
          sent += 1;
        });
        const kept = pushed.filter(({ type }) => type !== "progress").length;
        expect(outbox.size).toBeLessThanOrEqual(kept + 4);
      }
      while (outbox.sendingSince !== null) socket.take();
      const { received } = socket;
      const isKept = ({ type }: RealtimeMessage): boolean => type !== "progress";
      expect(received.filter(isKept)).toEqual(pushed.filter(isKept));
      for (const syncId of [0, 1, 2, 3]) {
        const isOfSync = (message: RealtimeMessage): boolean =>
          (message.type === "progress" && message.progress.syncId === syncId) ||
          (message.type === "ended" && message.record.id === syncId);
        const arrived = received.filter(isOfSync);
        const happened = pushed.filter(isOfSync);
        expect(contentOf(arrived.at(-1))).toEqual(contentOf(happened.at(-1)));
        // The received messages are those sent, without some of the progress.
        const contents = happened.map(contentOf);
        let from = 0;
        for (const message of arrived) {
          from = contents.indexOf(contentOf(message), from) + 1;
          expect(from).toBeGreaterThan(0);
        }
      }
      expect(sent).toBeLessThanOrEqual(pushed.length);
      // A client that disconnects after any message and continues from its cursor misses no end.
      let reached = -1;
      for (const message of received) {
        if (!("cursor" in message)) continue;
        if (message.type === "ended") expect(message.cursor.seq).toBeGreaterThan(reached);
        reached = Math.max(reached, message.cursor.seq);
      }
    }),
    { numRuns: 300 },
  );
});

/** Returns a message without its cursor, for comparisons. */
function contentOf(message: RealtimeMessage | undefined): unknown {
  if (message?.type === "progress") return message.progress;
  return message?.type === "ended" ? message.record : message;
}
