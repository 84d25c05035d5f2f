import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PROJECT, SyncFixture } from "./sync-fixture.js";

const PUSH = "POST /{owner}/{repo}.git/git-receive-pack";
const RESULT = { "content-type": "application/x-git-receive-pack-result" };

function pkt(text: string): string {
  return (Buffer.byteLength(text) + 4).toString(16).padStart(4, "0") + text;
}

/** A report on the first side-band, and what comes after it. */
function banded(report: string, after = ""): string {
  return `${pkt(`\u0001${report}0000`)}${after}0000`;
}

const UNCLEAR: readonly (readonly [string, string])[] = [
  ["nothing", ""],
  ["an end at once", "0000"],
  ["that it has unpacked, and nothing of the branch", banded(pkt("unpack ok\n"))],
  ["something of another branch", banded(pkt("unpack ok\n") + pkt("ok refs/heads/other\n"))],
  ["that it broke off", `${pkt("\u0003Internal Server Error")}0000`],
  ["half of a packet", "fff0\u0001000eunpack ok\n"],
  ["a length that is none", "00zz0000"],
  ["a length below the least", "00010000"],
  ["without an end", "x".repeat(5_000_000)],
];

let fixture: SyncFixture;
beforeAll(async () => {
  fixture = await SyncFixture.create({ files: { "run.sh": { content: "#!/bin/sh\n", mode: "100755" } } });
});
afterAll(() => fixture.close());

let syncs = 0;

/** Syncs one more change, whose push is answered so, and whatever comes of that. */
async function syncAnswered(when: "before" | "after", body: string) {
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

describe.each(UNCLEAR)("a git server that answers a push %s", (_name, body) => {
  it("is asked whether the commit has landed: it has", async () => {
    const record = await syncAnswered("after", body);
    expect(record).toMatchObject({ status: "completed", writer: "push", filesSynced: 1 });
    expect(record.attempts).toMatchObject([{ outcome: "landed" }]);
    expect(fixture.box.count(PUSH)).toBe(1);
  });

  it("is asked whether the commit has landed: it has not, and is pushed again", async () => {
    const record = await syncAnswered("before", body);
    expect(record).toMatchObject({ status: "completed", writer: "push", filesSynced: 1 });
    expect(record.attempts.at(-1)).toMatchObject({ outcome: "landed" });
    expect(fixture.box.count(PUSH)).toBe(2);
  });
});

it("a server that breaks off after its report has moved the branch all the same", async () => {
  const report = pkt("unpack ok\n") + pkt("ok refs/heads/main\n");
  const record = await syncAnswered("after", banded(report, pkt("\u0003the post-receive hook died")));
  expect(record).toMatchObject({ status: "completed", filesSynced: 1, attempts: [{ outcome: "landed" }] });
});

it("all of it is what git takes, and nothing of it is written again", async () => {
  await fixture.repository.fsck();
  expect(await fixture.sync({ project: PROJECT })).toMatchObject({ status: "completed", filesSynced: 0 });
});
