import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SyncRecord } from "@infrajet/github/adapters";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type BreakingPoint, BreakingProxy } from "./breaking-proxy.js";
import { cloneBare, clonedFiles } from "./cloned-files.js";
import { openFilesIn } from "./project/open-files.js";
import { SyncFixture } from "./sync-fixture.js";

// More than the spool holds in memory, and than lies in the network's buffers.
const LARGE = randomBytes(4_400_000);
const SCRIPT = { content: "#!/bin/sh\n", mode: "100755" } as const;

const POINTS: readonly (readonly [string, BreakingPoint])[] = [
  ["before the pack", { in: "request", after: () => 0 }],
  ["in the pack", { in: "request", after: (length) => length / 2 }],
  ["in the pack's checksum", { in: "request", after: (length) => length - 10 }],
  ["after the pack, before the response", { in: "response", after: () => 0 }],
  ["in the response", { in: "response", after: (length) => length / 2 }],
];

let scratch = "";
let fixture: SyncFixture;
let proxy: BreakingProxy;
beforeAll(async () => {
  fixture = await SyncFixture.create({ files: { "large.bin": LARGE, "run.sh": SCRIPT } });
  proxy = await BreakingProxy.start(fixture.server.url);
  fixture.sdks.push(fixture.startSdk({ apiUrl: `${proxy.url}/api/v3` }));
  scratch = mkdtempSync(join(tmpdir(), "infrajet-broken-"));
  // Temporary files of syncs are created in a directory of this test.
  vi.stubEnv("TMPDIR", scratch);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await proxy.close();
  await fixture.close();
  rmSync(scratch, { recursive: true });
});

const branches: string[] = [];

describe.each(POINTS)("a push whose connection breaks %s", (name, point) => {
  it("writes one commit", async () => {
    const branch = newBranch(`once ${name}`);
    let spools = 0;
    proxy.breakNextPush(point, () => {
      spools = openFilesIn(scratch);
    });
    const record = await fixture.sync({ branch });
    expect(proxy.hasBroken).toBe(true);
    expect(spools).toBe(process.platform === "linux" ? 1 : 0);
    expect(record).toMatchObject({ status: "completed", writer: "push", filesSynced: 2, error: null });
    await expectOneCommit(record);
    expect(await fixture.sync({ branch })).toMatchObject({ status: "completed", filesSynced: 0 });
  });

  it("fails without temporary files while the server is down, and a retry completes it", async () => {
    const branch = newBranch(`away ${name}`);
    proxy.breakNextPush(point, () => proxy.goDown());
    const failed = await fixture.sync({ branch });
    expect(proxy.hasBroken).toBe(true);
    expect(failed).toMatchObject({ status: "failed", error: { code: "github_unavailable" }, commitId: null });
    expect((await fixture.repository.head(branch)) !== null).toBe(point.in === "response");
    expectNothingLeft();

    proxy.comeBack();
    const record = await fixture.sdk.sync.retry(failed.id);
    expect(record).toMatchObject({ id: failed.id, status: "completed", filesSynced: 2, error: null });
    await expectOneCommit(record);
  });
});

it("git clones and verifies all branches after broken pushes", async () => {
  await fixture.repository.fsck();
  const clone = join(scratch, "clone.git");
  await cloneBare(fixture.server.serverUrl, "ada/infra", fixture.token, clone);
  expect(branches).toHaveLength(2 * POINTS.length);
  for (const branch of branches) {
    const files = await clonedFiles(clone, branch);
    expect([...files.keys()]).toEqual(["README.md", "large.bin", "run.sh"]);
    expect(files.get("large.bin") === `100644 ${LARGE.toString("base64")}`).toBe(true);
    expect(files.get("run.sh")).toBe(`100755 ${Buffer.from(SCRIPT.content).toString("base64")}`);
  }
});

function newBranch(name: string): string {
  branches.push(name.replaceAll(/\W+/g, "-"));
  return branches.at(-1) ?? "";
}

/** Expects one commit more than the branch began with. */
async function expectOneCommit({ commitId, target: { branch } }: SyncRecord): Promise<void> {
  expect(await fixture.commits(branch)).toBe(2);
  expect(await fixture.repository.head(branch)).toBe(commitId);
  expectNothingLeft();
}

function expectNothingLeft(): void {
  expect(openFilesIn(scratch)).toBe(0);
  expect(readdirSync(scratch)).toEqual([]);
}
