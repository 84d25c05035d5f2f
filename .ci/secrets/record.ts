// Runs before every test file and records secrets and output. Secrets are announced where they are created: by the boxes of
// `@infrajet/github-testing`, and by tests with `announceSecret(secret)`. Output is every log line, error and event of the SDK, all
// printed text, and everything that tests pass to `tell`: output of child processes and log lines of engines that they create.
import { afterAll, vi } from "vitest";
import { flush, keep, keeping } from "./recorder.js";

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

afterAll(flush);
