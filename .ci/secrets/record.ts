// Runs in every test process and records secrets and output. Secrets are announced where they are created: by the boxes of
// `@infrajet/github-testing`, and by tests with `announceSecret(secret)`. Output is every log line, error and event of the SDK, all
// printed text, and everything that tests pass to `tell`: output of child processes and log lines of engines that they create.
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, inject, vi } from "vitest";
import { SECRET_CHANNEL } from "../../packages/testing/src/github/secret-channel.js";
import { type Recording, TOLD_CHANNEL, textOf } from "./recording.js";

/** Recorded characters above which the recording is written to disk. Small, because some tests measure their process's memory. */
const MOST_KEPT = 256 * 1024;

const secrets = new Set<string>();
const told = new Set<string>();
let kept = 0;

const keepSecret = (secret: unknown): void => void secrets.add(String(secret));
const keep = (value: unknown): void => {
  const text = textOf(value);
  if (!told.has(text)) kept += text.length;
  told.add(text);
  if (kept > MOST_KEPT) flush();
};
/** Wraps a function so that its arguments are recorded. */
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
  flush();
});

function flush(): void {
  const recording: Recording = { file: expect.getState().testPath ?? "", secrets: [...secrets], told: [...told] };
  writeFileSync(join(inject("recordings"), `${crypto.randomUUID()}.json`), JSON.stringify(recording));
  secrets.clear();
  told.clear();
  kept = 0;
}
