// Runs in every test process: writes down which secrets came into being there, and everything that the SDK told anybody.
// What is a secret is said by those who make it: the boxes of `@infrajet/github-testing` by themselves, tests with
// `announceSecret(secret)`. What is told is every log line, error and event of the SDK, what is printed, and what tests
// `tell`: output of processes that they start, log lines of engines that they assemble themselves.
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, inject, vi } from "vitest";
import { SECRET_CHANNEL } from "../../packages/testing/src/github/secret-channel.js";
import { type Recording, TOLD_CHANNEL, wordsOf } from "./recording.js";

/** Characters that are kept until they are written down: tests may look at the memory of their process. */
const MOST_KEPT = 256 * 1024;

const secrets = new Set<string>();
const told = new Set<string>();
let kept = 0;

const keepSecret = (secret: unknown): void => void secrets.add(String(secret));
const keep = (value: unknown): void => {
  const words = wordsOf(value);
  if (!told.has(words)) kept += words.length;
  told.add(words);
  if (kept > MOST_KEPT) writeDown();
};
/** The same function, with what it is called with kept. */
const keeping =
  <Parameters extends unknown[]>(act: (...parameters: Parameters) => void) =>
  (...parameters: Parameters): void => {
    keep(parameters);
    act(...parameters);
  };

subscribe(SECRET_CHANNEL, keepSecret);
subscribe(TOLD_CHANNEL, keep);
for (const level of ["debug", "log", "info", "warn", "error"] as const) console[level] = keeping(console[level]);

vi.mock(import("../../packages/core/src/logger.js"), async (load) => {
  const real = await load();
  const redactingLogger: typeof real.redactingLogger = (logger) =>
    real.redactingLogger({
      debug: keeping((...line) => logger.debug(...line)),
      info: keeping((...line) => logger.info(...line)),
      warn: keeping((...line) => logger.warn(...line)),
      error: keeping((...line) => logger.error(...line)),
    });
  return { ...real, redactingLogger };
});

vi.mock(import("../../packages/core/src/errors.js"), async (load) => {
  const real = await load();
  const GitHubSdkError = new Proxy(real.GitHubSdkError, {
    construct(target, parameters, newTarget) {
      const error: object = Reflect.construct(target, parameters, newTarget);
      keep(error);
      return error;
    },
  });
  return { ...real, GitHubSdkError };
});

vi.mock(import("../../packages/core/src/events.js"), async (load) => {
  const real = await load();
  class EventBus extends real.EventBus {
    override emit: (typeof real.EventBus)["prototype"]["emit"] = (name, payload) => {
      keep([name, payload]);
      super.emit(name, payload);
    };
  }
  return { ...real, EventBus };
});

afterAll(() => {
  unsubscribe(SECRET_CHANNEL, keepSecret);
  unsubscribe(TOLD_CHANNEL, keep);
  writeDown();
});

function writeDown(): void {
  const recording: Recording = { file: expect.getState().testPath ?? "", secrets: [...secrets], told: [...told] };
  writeFileSync(join(inject("recordings"), `${crypto.randomUUID()}.json`), JSON.stringify(recording));
  secrets.clear();
  told.clear();
  kept = 0;
}
