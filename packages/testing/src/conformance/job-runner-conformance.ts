import assert from "node:assert/strict";
import type { JobRunner } from "@infrajet/github/adapters";
import { type ConformanceCase, type ConformanceSubject, conformanceCase } from "./conformance-case.js";

/** A runner that is not started. */
export interface JobRunnerSubject extends ConformanceSubject {
  readonly runner: JobRunner;
  /** The maximum number of concurrent jobs, if the runner has one. */
  readonly concurrency?: number;
}

const runner = (
  name: string,
  test: (runner: JobRunner, subject: JobRunnerSubject) => Promise<void>,
): ConformanceCase<JobRunnerSubject> => conformanceCase(name, (subject) => test(subject.runner, subject));

/** The conformance cases for a `JobRunner`. */
export const jobRunnerConformance: readonly ConformanceCase<JobRunnerSubject>[] = [
  runner("submit runs the job for every submitted id", async (runner) => {
    const seen = new Watched<number>();
    await runner.start(async (syncId) => seen.add(syncId));
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
    await runner.start(async (syncId) => seen.add(syncId));
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
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      await new Promise((resolve) => setImmediate(resolve));
      ended.push(syncId);
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

  runner("stop resolves when no job was submitted", async (runner) => {
    await runner.start(async () => assert.fail("no job was submitted"));
    await runner.stop();
  }),
];

class Gate {
  readonly opened: Promise<void>;
  open = (): void => {};

  constructor() {
    this.opened = new Promise((resolve) => {
      this.open = resolve;
    });
  }
}

/** Ends a case that hangs, also on a busy machine. */
const TIMEOUT_MILLISECONDS = 30_000;

/** A list of values that a test can wait for. */
class Watched<Value> {
  readonly values: Value[] = [];
  #check = (): void => {};

  add(value: Value): void {
    this.values.push(value);
    this.#check();
  }

  until(isEnough: (values: readonly Value[]) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const tooLate = (): void =>
        reject(new assert.AssertionError({ message: `timed out after these values: ${JSON.stringify(this.values)}` }));
      const timer = setTimeout(tooLate, TIMEOUT_MILLISECONDS);
      this.#check = () => {
        if (!isEnough(this.values)) return;
        clearTimeout(timer);
        resolve();
      };
      this.#check();
    });
  }
}
