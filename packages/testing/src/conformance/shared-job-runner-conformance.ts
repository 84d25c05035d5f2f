import assert from "node:assert/strict";
import type { JobResult, JobRunner } from "@infrajet/github/adapters";
import { type ConformanceCase, conformanceCase } from "./conformance-case.js";
import type { JobRunnerSubject } from "./job-runner-conformance.js";
import { aborted, Watched } from "./watched.js";

/** A runner that is not started, on a queue outside of its process. */
export interface SharedJobRunnerSubject extends JobRunnerSubject {
  /** Returns another runner on the same queue that is not started, like that of another process. */
  another(): Promise<JobRunner> | JobRunner;
  /**
   * Cuts `runner` off like a process that is killed: from now on nothing that it does reaches the queue. The subject configures
   * the queue to redeliver the jobs of such a process within 10 seconds.
   */
  kill(): Promise<void>;
  /** Makes the queue unreachable for `runner`. Resolves to a function that makes it reachable again. */
  interrupt(): Promise<() => Promise<void>>;
}

const DONE: JobResult = { kind: "done" };
// A queue that redelivers only after its lock expired takes much longer.
const AT_ONCE = 5_000;
// "Within 2 seconds", with time for a busy machine.
const ENDS_WITHIN = 4_000;

const shared = (
  name: string,
  test: (subject: SharedJobRunnerSubject) => Promise<void>,
): ConformanceCase<SharedJobRunnerSubject> => conformanceCase(name, test);

/** The conformance cases for a `JobRunner` whose queue is outside of the process. Run them in addition to `jobRunnerConformance`. */
export const sharedJobRunnerConformance: readonly ConformanceCase<SharedJobRunnerSubject>[] = [
  shared("Two runners share the submitted ids", async ({ runner, another }) => {
    const other = await another();
    const seen = new Watched<number>();
    const job = async (syncId: number) => {
      seen.add(syncId);
      return DONE;
    };
    await Promise.all([runner.start(job), other.start(job)]);
    const ids = Array.from({ length: 40 }, (_, index) => index + 1);
    await Promise.all(ids.map((id) => (id % 2 === 0 ? runner : other).submit(id)));
    await seen.until((ids) => new Set(ids).size === 40);
    assert.equal(seen.values.length, 40);
    await Promise.all([runner.stop(), other.stop()]);
  }),

  shared("stop gives a job that returned `again` to another runner at once", async ({ runner, another }) => {
    await givenBack(runner, await another(), async (signal) => {
      await aborted(signal);
      return { kind: "again", delayMs: 0 };
    });
  }),

  shared("stop gives a job that rejected after the abort to another runner at once", async ({ runner, another }) => {
    await givenBack(runner, await another(), async (signal) => {
      await aborted(signal);
      throw new Error("thrown by the test's job");
    });
  }),

  shared("stop leaves waiting ids to another runner", async ({ runner, another }) => {
    await runner.submit(1, { delayMs: 200 });
    await runner.submit(2);
    await runner.stop();
    const other = await another();
    const seen = new Watched<number>();
    await other.start(async (syncId) => {
      seen.add(syncId);
      return DONE;
    });
    await seen.until((ids) => ids.includes(1) && ids.includes(2));
    await other.stop();
  }),

  shared("The queue redelivers the job of a killed process", async ({ runner, another, kill }) => {
    const began = new Watched<number>();
    await runner.start(async (syncId, signal) => {
      began.add(syncId);
      await aborted(signal);
      return DONE;
    });
    await runner.submit(1);
    await began.until((ids) => ids.includes(1));
    await kill();
    const other = await another();
    const seen = new Watched<number>();
    await other.start(async (syncId) => {
      seen.add(syncId);
      return DONE;
    });
    await seen.until((ids) => ids.includes(1));
    await other.stop();
    await runner.stop();
  }),

  shared("start resolves while the queue is unreachable, and jobs run afterwards", async ({ runner, interrupt }) => {
    const restore = await interrupt();
    const seen = new Watched<number>();
    await endsInTime(
      runner.start(async (syncId) => {
        seen.add(syncId);
        return DONE;
      }),
    );
    assert.equal((await runner.health?.())?.reachable, false);
    await restore();
    await submitUntilAccepted(runner, 1);
    await seen.until((ids) => ids.includes(1));
    assert.equal((await runner.health?.())?.reachable, true);
    await runner.stop();
  }),

  shared(
    "submit resolves or rejects within 2 seconds while the queue is unreachable",
    async ({ runner, interrupt }) => {
      const seen = new Watched<number>();
      await runner.start(async (syncId) => {
        seen.add(syncId);
        return DONE;
      });
      await runner.submit(1);
      await seen.until((ids) => ids.includes(1));
      const restore = await interrupt();
      const isAccepted = await endsInTime(
        runner.submit(2).then(
          () => true,
          () => false,
        ),
      );
      await restore();
      await submitUntilAccepted(runner, 3);
      await seen.until((ids) => ids.includes(3) && (ids.includes(2) || !isAccepted));
      await runner.stop();
    },
  ),
];

async function givenBack(
  runner: JobRunner,
  other: JobRunner,
  job: (signal: AbortSignal) => Promise<JobResult>,
): Promise<void> {
  const began = new Watched<number>();
  await runner.start((syncId, signal) => {
    began.add(syncId);
    return job(signal);
  });
  await runner.submit(1);
  await began.until((ids) => ids.includes(1));
  const seen = new Watched<number>();
  await other.start(async (syncId) => {
    seen.add(syncId);
    return DONE;
  });
  await runner.stop();
  await seen.until((ids) => ids.includes(1), AT_ONCE);
  await other.stop();
}

/** Resolves to the promise's value. Fails when that takes too long. */
async function endsInTime<Value>(promise: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const error = new assert.AssertionError({ message: "did not resolve or reject in time" });
    timer = setTimeout(() => reject(error), ENDS_WITHIN);
  });
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** Submits until the runner has connected again. */
async function submitUntilAccepted(runner: JobRunner, syncId: number): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await runner.submit(syncId);
    } catch (error) {
      if (tries === 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}
