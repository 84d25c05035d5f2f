import { createManualClock } from "@infrajet/github-testing/conformance";
import { describe, expect, it } from "vitest";
import type { ProjectFilesSession } from "../../../src/adapters/project-files.js";
import { newSyncRecord, type SyncRecord } from "../../../src/domain/sync-record.js";
import { installationSource, projectSource } from "../../../src/domain/sync-source.js";
import { SyncSources } from "../../../src/sync/project/sync-sources.js";
import { parseSyncRequest } from "../../../src/sync/sync-request.js";
import { nextTurn, PROJECT } from "./recorded-session.js";

const SIGNAL = new AbortController().signal;
const { options } = parseSyncRequest({ project: PROJECT, repository: "ada/infra" });

function record(id: number, source = projectSource(PROJECT)): SyncRecord {
  const target = { apiUrl: "https://api.github.com", repositoryId: 1, branch: "main", source, directory: "" };
  return newSyncRecord(id, { ...PROJECT, target, repository: "ada/infra", options, createdAt: new Date(0) });
}

/** Sources whose sessions are counted, by the times that each was closed. */
function countedSources() {
  const clock = createManualClock();
  const closed = new Map<ProjectFilesSession, number>();
  const open = async (): Promise<ProjectFilesSession> => {
    const session: ProjectFilesSession = {
      async *list() {},
      read: () => Promise.reject(new Error("not read")),
      close: async () => void closed.set(session, (closed.get(session) ?? 0) + 1),
    };
    closed.set(session, 0);
    return session;
  };
  return { clock, closed, open, sources: new SyncSources({ open }, clock) };
}

describe("SyncSources", () => {
  it("gives a run the session that its request was checked with, once", async () => {
    const { clock, closed, open, sources } = countedSources();
    const session = await open();
    sources.handOver(1, { session: { session, openedAt: clock.now() } });
    expect(await sources.open(record(1), SIGNAL)).toBe(session);
    expect(await sources.open(record(1), SIGNAL)).not.toBe(session);
    await clock.advance(60_000);
    expect(closed.get(session), "closing it is up to the run").toBe(0);
  });

  it("closes a session that no run has taken within 5 seconds, and opens another one afterwards", async () => {
    const { clock, closed, open, sources } = countedSources();
    const session = await open();
    sources.handOver(1, { session: { session, openedAt: clock.now() } });
    await clock.advance(5_000);
    expect(closed.get(session)).toBe(1);
    expect(await sources.open(record(1), SIGNAL)).not.toBe(session);
  });

  it("counts the age of a session from the moment at which it was requested", async () => {
    const { clock, closed, open, sources } = countedSources();
    const openedAt = clock.now();
    await clock.advance(5_000);
    const session = await open();
    sources.handOver(1, { session: { session, openedAt } });
    await nextTurn();
    expect(closed.get(session)).toBe(1);
  });

  it("keeps at most 32 sessions", async () => {
    const { clock, closed, open, sources } = countedSources();
    for (let id = 1; id <= 40; id++) {
      sources.handOver(id, { session: { session: await open(), openedAt: clock.now() } });
    }
    expect([...closed.values()].filter((times) => times === 1)).toHaveLength(8);
  });

  it("closes the session of a sync that has ended, and all sessions when it is closed", async () => {
    const { clock, closed, open, sources } = countedSources();
    for (const id of [1, 2, 3]) {
      sources.handOver(id, { session: { session: await open(), openedAt: clock.now() } });
    }
    sources.release(2);
    expect([...closed.values()]).toEqual([0, 1, 0]);
    sources.close();
    expect([...closed.values()]).toEqual([1, 1, 1]);
  });

  it("has the files that came with a call only in the process that took the call", async () => {
    const { sources, open } = countedSources();
    const given = record(1, installationSource(5));
    expect(sources.has(given)).toBe(false);
    await expect(sources.open(given, SIGNAL)).rejects.toMatchObject({ code: "source_unavailable" });
    const session = await open();
    sources.handOver(1, { files: { open: async () => session } });
    expect(sources.has(given)).toBe(true);
    expect(await sources.open(given, SIGNAL)).toBe(session);
    expect(sources.has(record(2))).toBe(true);
  });
});
