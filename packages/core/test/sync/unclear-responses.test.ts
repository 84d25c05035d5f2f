import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PROJECT, SyncFixture } from "./sync-fixture.js";

const PUSH = "POST /{owner}/{repo}.git/git-receive-pack";
const RESULT = { "content-type": "application/x-git-receive-pack-result" };

function pkt(text: string): string {
  return (Buffer.byteLength(text) + 4).toString(16).padStart(4, "0") + text;
}

/** Returns a report on the first side-band, followed by other data. */
function banded(report: string, after = ""): string {
  return `${pkt(`\u0001${report}0000`)}${after}0000`;
}

const UNCLEAR: readonly (readonly [string, string])[] = [
  ["with an empty body", ""],
  ["with a flush packet only", "0000"],
  ["without a status of the branch", banded(pkt("unpack ok\n"))],
  ["with the status of another branch", banded(pkt("unpack ok\n") + pkt("ok refs/heads/other\n"))],
  ["with a fatal error", `${pkt("\u0003Internal Server Error")}0000`],
  ["with half of a packet", "fff0\u0001000eunpack ok\n"],
  ["with an invalid packet length", "00zz0000"],
  ["with a packet length that is too small", "00010000"],
  ["with 5 MB of other data", "x".repeat(5_000_000)],
];

let fixture: SyncFixture;
beforeAll(async () => {
  fixture = await SyncFixture.create({ files: { "run.sh": { content: "#!/bin/sh\n", mode: "100755" } } });
});
afterAll(() => fixture.close());

let syncs = 0;

/** Syncs one more change whose push gets that response. */
async function syncWithResponse(when: "before" | "after", body: string) {
  syncs += 1;
  fixture.write("run.sh", { content: `echo ${syncs}\n`, mode: "100755" });
  const before = await fixture.commits();
  fixture.box.resetCounters();
  fixture.box.control.fault({ path: PUSH, when, respond: { status: 200, headers: RESULT, body } });
  const record = await fixture.sync();
  expect(await fixture.commits()).toBe(before + 1);
  expect(await fixture.branch()).toMatchObject({ "run.sh": `echo ${syncs}\n` });
  expect(await fixture.repository.head()).toBe(record.commitId);
  return record;
}

describe.each(UNCLEAR)("a push with an unclear response, %s", (_name, body) => {
  it("completes when the commit is found on the branch", async () => {
    const record = await syncWithResponse("after", body);
    expect(record).toMatchObject({ status: "completed", writer: "push", filesSynced: 1 });
    expect(record.attempts).toMatchObject([{ outcome: "landed" }]);
    expect(fixture.box.count(PUSH)).toBe(1);
  });

  it("pushes again when the commit is not found on the branch", async () => {
    const record = await syncWithResponse("before", body);
    expect(record).toMatchObject({ status: "completed", writer: "push", filesSynced: 1 });
    expect(record.attempts.at(-1)).toMatchObject({ outcome: "landed" });
    expect(fixture.box.count(PUSH)).toBe(2);
  });
});

it("a push completes when the server fails after its report", async () => {
  const report = pkt("unpack ok\n") + pkt("ok refs/heads/main\n");
  const record = await syncWithResponse("after", banded(report, pkt("\u0003the post-receive hook died")));
  expect(record).toMatchObject({ status: "completed", filesSynced: 1, attempts: [{ outcome: "landed" }] });
});

it("git verifies the pushed commits, and the next sync writes nothing", async () => {
  await fixture.repository.fsck();
  expect(await fixture.sync({ project: PROJECT })).toMatchObject({ status: "completed", filesSynced: 0 });
});
