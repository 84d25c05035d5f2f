import { spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { isGitHubSdkError } from "@infrajet/github";
import type { FileLockHolder } from "@infrajet/github/folder";
import {
  baselineStoreConformance,
  lockStoreConformance,
  syncHistoryConformance,
  syncRecordStoreConformance,
  syncSchedulingConformance,
} from "@infrajet/github-testing/conformance";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { StateFile } from "../src/state-file.js";

let folder: string;
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "infrajet-state-"));
});
afterAll(() => rm(folder, { recursive: true }));

const newPath = (): string => join(folder, `${++files}.json`);

describe("the stores of a state file", () => {
  const subject =
    <Name extends keyof StateFile["stores"]>(name: Name) =>
    async () => {
      const state = await StateFile.open(newPath());
      return { store: state.stores[name], dispose: () => state.close() };
    };
  for (const promise of [...syncRecordStoreConformance, ...syncHistoryConformance, ...syncSchedulingConformance]) {
    it(`records: ${promise.name}`, () => promise.run(subject("records")));
  }
  for (const promise of baselineStoreConformance)
    it(`baselines: ${promise.name}`, () => promise.run(subject("baselines")));
  for (const promise of lockStoreConformance) it(`locks: ${promise.name}`, () => promise.run(subject("locks")));
});

const TARGET = {
  apiUrl: "https://api.github.com",
  repositoryId: 1,
  branch: "main",
  source: "project:1/p",
  directory: "",
};
const DRAFT = {
  userId: "1",
  projectId: "p",
  target: TARGET,
  repository: "acme/infra",
  options: {
    strategy: "merge",
    pathStrategies: [],
    message: null,
    filePaths: null,
    deletePaths: [],
    applyIgnoreRules: true,
    writer: "auto",
    allowMassDeletion: false,
    deleteIgnored: false,
    planHash: null,
    allowEmptyProject: false,
    author: null,
    coAuthors: [],
    pullRequest: { title: null, body: null, labels: [], reviewers: [], draft: false },
    protectedBranch: "fail",
    onConflict: "stop",
    allowRewrittenHistory: false,
    rateLimitDeadlineMs: 60_000,
    allowSecrets: [],
  },
  createdAt: new Date("2026-03-01T10:00:00.123Z"),
} as const;
const BASELINE = {
  head: "1".repeat(40),
  rootTree: null,
  previousHead: null,
  etag: null,
  savedAt: 5,
  entries: new Map([["main.tf", { mode: "100644" as const, oid: "2".repeat(40), versionTag: "tag" }]]),
  remote: null,
  contents: new Map([["2".repeat(40), Uint8Array.of(1, 2, 3)]]),
  ignoreFiles: new Map(),
};
const STAGED = {
  syncId: 1,
  attempt: 1,
  change: { entries: new Map([["gone", null]]), writes: new Map([["gone", null]]), contents: new Map() },
};

describe("a state file", () => {
  it("gives the next run everything that was written, with ids and tokens that go on growing", async () => {
    const path = newPath();
    const first = await StateFile.open(path);
    const left = await first.stores.records.create(DRAFT);
    const done = await first.stores.records.create(DRAFT);
    await first.stores.records.transition(done.id, { from: ["pending"], to: "in_progress", leaseToken: 3 }, {});
    await first.stores.records.transition(done.id, { from: ["in_progress"], to: "completed", leaseToken: 3 }, {});
    await first.stores.baselines.save(TARGET, BASELINE, 3);
    await first.stores.baselines.stage(TARGET, STAGED, 4);
    const lease = await first.stores.locks.acquire("branch", 60_000);
    await first.close();

    const second = await StateFile.open(path);
    expect(await second.stores.baselines.load(TARGET)).toEqual({ baseline: BASELINE, staged: STAGED });
    expect(await second.stores.baselines.save(TARGET, BASELINE, 3)).toBe(false);
    expect(await second.stores.records.find(done.id)).toMatchObject({ status: "completed", leaseToken: 3 });
    // Its caller has ended.
    expect(await second.stores.records.find(left.id)).toMatchObject({ status: "cancelled" });
    expect((await second.stores.records.create(DRAFT)).id).toBe(done.id + 1);
    // The earlier lease ended with its process.
    expect((await second.stores.locks.acquire("branch", 60_000))?.token).toBe((lease?.token ?? 0) + 1);
    await second.close();
    expect((await readdir(folder)).filter((name) => name.includes(`${files}.json.`))).toEqual([]);
  });

  it("is not created or written when it is opened read-only", async () => {
    const path = newPath();
    const state = await StateFile.look(path);
    await state.stores.baselines.save(TARGET, BASELINE, 1);
    await state.close();
    await expect(readFile(path)).rejects.toThrow("ENOENT");
  });

  it.each(["", "{", "{}", '{"version":2}', '{"version":1,"records":[{}],"baselines":[],"leaseTokens":{}}'])(
    "is rejected and not overwritten when it contains %j",
    async (text) => {
      const path = newPath();
      await writeFile(path, text);
      const error = await StateFile.open(path).catch((thrown: unknown) => thrown);
      expect(isGitHubSdkError(error, "store_failed")).toBe(true);
      expect(String(error)).toContain("--state");
      expect(await readFile(path, "utf8")).toBe(text);
      await expect(readFile(`${path}.lock`)).rejects.toThrow("ENOENT");
    },
  );

  it("belongs to one run at a time: the next run waits and receives the holder", async () => {
    const path = newPath();
    const first = await StateFile.open(path);
    const told: (number | undefined)[] = [];
    const waits = new EventEmitter();
    const isWaiting = once(waits, "wait");
    const onWait = (holder: FileLockHolder | null): void => {
      told.push(holder?.pid);
      waits.emit("wait");
    };
    const second = StateFile.open(path, { onWait });
    await isWaiting;
    const record = await first.stores.records.create(DRAFT);
    await first.close();
    const state = await second;
    expect(told).toEqual([process.pid]);
    expect(await state.stores.records.find(record.id)).not.toBeNull();
    await state.close();
  });

  it("names the holder when the wait times out, and stops waiting when it is aborted", async () => {
    const path = newPath();
    const first = await StateFile.open(path);
    const impatient = await StateFile.open(path, { timeoutMs: -1 }).catch((thrown: unknown) => thrown);
    expect(String(impatient)).toContain(`process ${process.pid}`);
    await expect(StateFile.open(path, { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
    await first.close();
  });

  it("is taken over from a dead process by exactly one of the waiting runs", async () => {
    const path = newPath();
    const dead = spawn(process.execPath, ["--version"]);
    await once(dead, "exit");
    const holder: FileLockHolder = { nonce: "nonce", pid: dead.pid ?? 0, process: null, host: hostname() };
    await writeFile(`${path}.lock`, JSON.stringify(holder));
    const ids = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const state = await StateFile.open(path);
        const { id } = await state.stores.records.create(DRAFT);
        await state.close();
        return id;
      }),
    );
    expect(ids.sort()).toEqual([1, 2, 3, 4, 5]);
  });

  it("is not written by a run on a suspended machine after another machine took it over", async () => {
    const path = newPath();
    const asleep = await StateFile.open(path);
    await asleep.stores.records.create(DRAFT);
    const lock = await readFile(`${path}.lock`, "utf8");
    await writeFile(`${path}.lock`, lock.replace(hostname(), "another-machine"));
    const past = new Date(Date.now() - 120_000);
    await utimes(`${path}.lock`, past, past);
    const next = await StateFile.open(path);
    await next.stores.baselines.save(TARGET, BASELINE, 1);
    const error = await asleep.stores.records.create(DRAFT).catch((thrown: unknown) => thrown);
    expect(isGitHubSdkError(error, "store_failed")).toBe(true);
    await asleep.close().catch(() => undefined);
    await next.close();
    const last = await StateFile.look(path);
    expect((await last.stores.baselines.load(TARGET)).baseline).toEqual(BASELINE);
  });
});
