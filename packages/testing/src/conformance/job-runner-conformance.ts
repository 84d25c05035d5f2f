import assert from "node:assert/strict";
import type { JobResult, JobRunner } from "@infrajet/github/adapters";
import {
  type ConformanceCase,
  type ConformanceSubject,
  conformanceCase,
  pass,
  rounds,
  shortSpan,
} from "./conformance-case.js";
import { aborted, Gate, Watched } from "./watched.js";

/** A runner that is not started. */
export interface JobRunnerSubject extends ConformanceSubject {
  readonly runner: JobRunner;
  /** The maximum number of concurrent jobs, if the runner has one. */
  readonly concurrency?: number;
}

/** The result of a job that has used up its hint. */
const DONE: JobResult = { kind: "done" };

const runner = (
  name: string,
  test: (runner: JobRunner, subject: JobRunnerSubject) => Promise<void>,
): ConformanceCase<JobRunnerSubject> => conformanceCase(name, (subject) => test(subject.runner, subject));

/** The conformance cases for a `JobRunner`. */
export const jobRunnerConformance: readonly ConformanceCase<JobRunnerSubject>[] = [
  runner("submit runs the job for every submitted id", async (runner) => {
    const seen = new Watched<number>();
    await runner.start(async (syncId) => {
      seen.add(syncId);
      return DONE;
    });
    for (const syncId of [3, Number.MAX_SAFE_INTEGER, 1]) await runner.submit(syncId);
    await seen.until((ids) => new Set(ids).size === 3);
    assert.deepEqual(new Set(seen.values), new Set([3, Number.MAX_SAFE_INTEGER, 1]));
    await runner.stop();
  }),

  runner("submit resolves without waiting for the job's end", async (runner) => {
    const gate = new Gate();
    const began = new Watched<number>();
    await runner.start(async (syncId) => {
      began.add(syncId);
      await gate.opened;
      return DONE;
    });
    await runner.submit(1);
    await began.until((ids) => ids.includes(1));
    await runner.submit(2);
    gate.open();
    await began.until((ids) => ids.includes(2));
    await runner.stop();
  }),

  runner(
    "submit runs many ids within the maximum concurrency",
    async (runner, { concurrency = Number.POSITIVE_INFINITY }) => {
      const ended = new Watched<number>();
      let running = 0;
      let most = 0;
      await runner.start(async (syncId) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        ended.add(syncId);
        return DONE;
      });
      const ids = Array.from({ length: 200 }, (_, index) => index + 1);
      await Promise.all(ids.map((id) => runner.submit(id)));
      await ended.until((seen) => new Set(seen).size === 200);
      assert.ok(most <= concurrency, `${most} ran at once`);
      await runner.stop();
    },
  ),

  runner("submit runs an id again that is submitted after its job ended", async (runner) => {
    const seen = new Watched<number>();
    await runner.start(async (syncId) => {
      seen.add(syncId);
      return DONE;
    });
    await runner.submit(1);
    await seen.until((ids) => ids.length === 1);
    await new Promise((resolve) => setImmediate(resolve));
    await runner.submit(1);
    await seen.until((ids) => ids.length === 2);
    await runner.stop();
  }),

  runner("The runner continues after a job rejects", async (runner) => {
    const seen = new Watched<number>();
    await runner.start(async (syncId) => {
      seen.add(syncId);
      if (syncId === 1) throw new Error("thrown by the test's job");
      return DONE;
    });
    await runner.submit(1);
    await runner.submit(2);
    await seen.until((ids) => ids.includes(1) && ids.includes(2));
    await runner.stop();
  }),

  runner("stop aborts running jobs and waits until they have ended", async (runner) => {
    const began = new Watched<number>();
    const ended: number[] = [];
    await runner.start(async (syncId, signal) => {
      began.add(syncId);
      await aborted(signal);
      await new Promise((resolve) => setImmediate(resolve));
      ended.push(syncId);
      return DONE;
    });
    await runner.submit(1);
    await began.until((ids) => ids.includes(1));
    await runner.stop();
    assert.deepEqual(ended, [1]);
  }),

  runner("stop prevents further jobs from starting", async (runner, { concurrency = 1 }) => {
    const gate = new Gate();
    const began = new Watched<number>();
    await runner.start(async (syncId) => {
      began.add(syncId);
      await gate.opened;
      return DONE;
    });
    const ids = Array.from({ length: concurrency + 3 }, (_, index) => index + 1);
    for (const id of ids) await runner.submit(id);
    await began.until((seen) => seen.length > 0);
    const stopped = runner.stop();
    const count = began.values.length;
    gate.open();
    await stopped;
    await runner.submit(99).catch(() => {});
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(began.values.length, count);
  }),

  runner("submit runs an id once more that is submitted while its job runs", async (runner) => {
    const began = new Watched<number>();
    const gates = new Map<number, Gate>();
    await runner.start(async (syncId) => {
      const isFirst = !began.values.includes(syncId);
      began.add(syncId);
      if (isFirst) await gates.get(syncId)?.opened;
      return DONE;
    });
    await rounds(12, async (id) => {
      const gate = new Gate();
      gates.set(id, gate);
      await runner.submit(id);
      await began.until((ids) => ids.includes(id));
      await runner.submit(id);
      gate.open();
      await began.until((ids) => ids.filter((began) => began === id).length >= 2);
    });
    await runner.stop();
  }),

  runner("submit runs an id once more that is submitted at the end of its job", async (runner) => {
    const began = new Watched<number>();
    const submissions: Promise<void>[] = [];
    await runner.start(async (syncId) => {
      const isFirst = !began.values.includes(syncId);
      began.add(syncId);
      // Reaches the runner while it handles the result.
      if (isFirst) setImmediate(() => submissions.push(runner.submit(syncId)));
      return DONE;
    });
    await rounds(12, async (id) => {
      await runner.submit(id);
      await began.until((ids) => ids.filter((began) => began === id).length >= 2);
    });
    await Promise.all(submissions);
    await runner.stop();
  }),

  conformanceCase("submit with a delay runs the job after the delay", async (subject) => {
    const { runner } = subject;
    const seen = new Watched<number>();
    await runner.start(async (syncId) => {
      seen.add(syncId);
      return DONE;
    });
    await runner.submit(1, { delayMs: 2 * shortSpan(subject) });
    await runner.submit(2);
    await seen.until((ids) => ids.includes(2));
    await pass(subject, shortSpan(subject) / 2);
    assert.deepEqual(seen.values, [2]);
    await pass(subject, 2 * shortSpan(subject));
    await seen.until((ids) => ids.includes(1));
    await runner.stop();
  }),

  runner("submit without a delay runs an id at once that waits with a delay", async (runner) => {
    const seen = new Watched<number>();
    await runner.start(async (syncId) => {
      seen.add(syncId);
      return DONE;
    });
    await runner.submit(1, { delayMs: 3_600_000 });
    await runner.submit(1);
    await seen.until((ids) => ids.includes(1));
    await runner.stop();
  }),

  runner("The runner runs a job again that returns `again`", async (runner) => {
    const seen = new Watched<number>();
    await runner.start(async (syncId) => {
      seen.add(syncId);
      return seen.values.length < 3 ? { kind: "again", delayMs: 0 } : DONE;
    });
    await runner.submit(1);
    await seen.until((ids) => ids.length === 3);
    assert.deepEqual(seen.values, [1, 1, 1]);
    await runner.stop();
  }),

  conformanceCase("The runner frees its place until the delay of `again` has passed", async (subject) => {
    const { runner } = subject;
    const seen = new Watched<number>();
    await runner.start(async (syncId) => {
      const isFirst = !seen.values.includes(syncId);
      seen.add(syncId);
      return isFirst && syncId !== 99 ? { kind: "again", delayMs: 2 * shortSpan(subject) } : DONE;
    });
    const waiting = Array.from({ length: subject.concurrency ?? 4 }, (_, index) => index + 1);
    for (const id of waiting) await runner.submit(id);
    await seen.until((ids) => waiting.every((id) => ids.includes(id)));
    await runner.submit(99);
    await seen.until((ids) => ids.includes(99));
    assert.equal(seen.values.length, waiting.length + 1);
    await pass(subject, 3 * shortSpan(subject));
    await seen.until((ids) => ids.length === 2 * waiting.length + 1);
    await runner.stop();
  }),

  runner("submit runs an id at once whose job returned `again` with a delay", async (runner) => {
    const seen = new Watched<number>();
    await runner.start(async (syncId) => {
      const isFirst = seen.values.length === 0;
      seen.add(syncId);
      return isFirst ? { kind: "again", delayMs: 3_600_000 } : DONE;
    });
    await runner.submit(1);
    await seen.until((ids) => ids.length === 1);
    await new Promise((resolve) => setImmediate(resolve));
    await runner.submit(1);
    await seen.until((ids) => ids.length === 2);
    await runner.stop();
  }),

  runner("stop does not run a job again that returned `again` after the abort", async (runner) => {
    const began = new Watched<number>();
    await runner.start(async (syncId, signal) => {
      began.add(syncId);
      await aborted(signal);
      return { kind: "again", delayMs: 0 };
    });
    await runner.submit(1);
    await began.until((ids) => ids.includes(1));
    await runner.stop();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(began.values, [1]);
  }),

  runner("stop resolves when no job was submitted", async (runner) => {
    await runner.start(async () => assert.fail("no job was submitted"));
    await runner.stop();
  }),
];
