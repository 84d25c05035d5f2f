import { Writable } from "node:stream";
import { createGitHubSdk, type GitHubSdkOptions, type Logger, silentLogger } from "@infrajet/github";
import { MemoryProjectFiles } from "@infrajet/github/memory";
import bunyan from "bunyan";
import { pino } from "pino";
import { afterEach, describe, expect, it, vi } from "vitest";

afterEach(() => void vi.restoreAllMocks());

/** Returns the SDK's logger for an option. */
function loggerOf(logger?: Logger): Logger {
  const options: GitHubSdkOptions = { auth: "ghp_1234567890", projectFiles: new MemoryProjectFiles() };
  return createGitHubSdk(logger === undefined ? options : { ...options, logger }).logger;
}

/** Collects the lines of JSON that a logger writes. */
function lines(): { readonly stream: Writable; readonly entries: Record<string, unknown>[] } {
  const entries: Record<string, unknown>[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      entries.push(JSON.parse(String(chunk)));
      done();
    },
  });
  return { stream, entries };
}

const FIELDS = { syncId: 7, error: new Error("failed with ghp_abcdefghijklmnop1234"), password: "hunter2" };

describe("the logger option", () => {
  it("defaults to warnings and errors on console", () => {
    const spies = (["debug", "info", "log", "warn", "error"] as const).map((level) =>
      vi.spyOn(console, level).mockImplementation(() => undefined),
    );
    const logger = loggerOf();
    logger.debug("debug");
    logger.info("info");
    logger.warn("The rate limit was reached.");
    logger.error("A sync failed.", FIELDS);
    const [debug, info, log, warn, error] = spies;
    for (const spy of [debug, info, log]) expect(spy).not.toHaveBeenCalled();
    expect(warn).toHaveBeenCalledExactlyOnceWith("[infrajet-github] The rate limit was reached.");
    expect(error).toHaveBeenCalledExactlyOnceWith(
      "[infrajet-github] A sync failed.",
      expect.objectContaining({ syncId: 7, error: expect.objectContaining({ message: "failed with [redacted]" }) }),
    );
  });

  it("accepts silentLogger, which turns logging off", () => {
    const error = vi.spyOn(console, "error").mockImplementation(() => undefined);
    loggerOf(silentLogger).error("A sync failed.");
    expect(error).not.toHaveBeenCalled();
  });

  it("accepts a pino logger and its children, with all fields", () => {
    const { stream, entries } = lines();
    loggerOf(pino({ level: "debug" }, stream).child({ module: "github" })).error("A sync failed.", FIELDS);
    expect(entries).toMatchObject([
      { level: 50, msg: "A sync failed.", module: "github", syncId: 7, error: { message: "failed with [redacted]" } },
    ]);
    expect(entries[0]).toMatchObject({ password: "[redacted]" });
  });

  it("accepts a bunyan logger and its children, with all fields", () => {
    const { stream, entries } = lines();
    const logger = bunyan.createLogger({ name: "host", level: "debug", stream });
    loggerOf(logger.child({ module: "github" })).warn("A sync failed.", FIELDS);
    expect(entries).toMatchObject([
      { level: 40, msg: "A sync failed.", module: "github", syncId: 7, error: { message: "failed with [redacted]" } },
    ]);
  });

  it("calls any other logger with the message first", () => {
    const warn = vi.fn();
    loggerOf({ ...silentLogger, warn }).warn("A sync failed.", { syncId: 7 });
    expect(warn).toHaveBeenCalledExactlyOnceWith("A sync failed.", { syncId: 7 });
  });
});
