import { Octokit } from "octokit";
import { afterEach, describe, expect, it } from "vitest";
import { SyncFixture } from "./sync-fixture.js";

/** Counts the requests of the README's table in the box, for 50 text files. */
const FILES = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`d${i % 5}/f${i}.txt`, `file ${i}\n`]));

let fixture: SyncFixture;
afterEach(() => fixture.close());

async function start(): Promise<Octokit> {
  fixture = await SyncFixture.create({ files: FILES });
  fixture.box.resetCounters();
  return new Octokit({ auth: fixture.token, baseUrl: fixture.server.apiUrl, throttle: { enabled: false } });
}

const place = { owner: "ada", repo: "infra" };
const base64 = (text: string): string => Buffer.from(text).toString("base64");

interface Figures {
  readonly requests: number;
  readonly commits: number;
}

async function figures(): Promise<Figures> {
  return { requests: fixture.box.count(), commits: (await fixture.commits()) - 1 };
}

describe("requests to write 50 text files", () => {
  it("this SDK sends 4 requests and writes 1 commit", async () => {
    await start();
    expect(await fixture.sync()).toMatchObject({ status: "completed", filesSynced: 50 });
    const { requests, commits } = await figures();
    expect(requests).toBeLessThanOrEqual(4);
    expect(commits).toBe(1);
  });

  it("a loop over the contents API sends 100 requests and writes 50 commits", async () => {
    const octokit = await start();
    for (const [path, text] of Object.entries(FILES)) {
      await octokit.rest.repos.getContent({ ...place, path }).catch(() => undefined);
      await octokit.rest.repos.createOrUpdateFileContents({ ...place, path, message: path, content: base64(text) });
    }
    expect(await figures()).toEqual({ requests: 100, commits: 50 });
  });

  it("one blob per file sends 55 requests and writes 1 commit", async () => {
    const octokit = await start();
    const { data: ref } = await octokit.rest.git.getRef({ ...place, ref: "heads/main" });
    const { data: head } = await octokit.rest.git.getCommit({ ...place, commit_sha: ref.object.sha });
    const tree = [];
    for (const [path, text] of Object.entries(FILES)) {
      const { data: blob } = await octokit.rest.git.createBlob({ ...place, content: base64(text), encoding: "base64" });
      tree.push({ path, mode: "100644", type: "blob", sha: blob.sha } as const);
    }
    const { data: made } = await octokit.rest.git.createTree({ ...place, tree, base_tree: head.tree.sha });
    const { data: commit } = await octokit.rest.git.createCommit({
      ...place,
      message: "all",
      tree: made.sha,
      parents: [head.sha],
    });
    await octokit.rest.git.updateRef({ ...place, ref: "heads/main", sha: commit.sha });
    expect(await figures()).toEqual({ requests: 55, commits: 1 });
  });
});
