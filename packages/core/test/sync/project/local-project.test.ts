import { describe, expect, it } from "vitest";
import { type Baseline, EMPTY_BASELINE } from "../../../src/domain/baseline.js";
import { GitHubSdkError } from "../../../src/errors.js";
import { hashObject } from "../../../src/git/object-id.js";
import type { MemoryFileTree } from "../../../src/memory/memory-project-files.js";
import { LocalProject, type LocalProjectQuery } from "../../../src/sync/project/local-project.js";
import { parseSyncRequest } from "../../../src/sync/sync-request.js";
import { PROJECT, recordedProject, type SessionHooks } from "./recorded-session.js";

const { options } = parseSyncRequest({ project: PROJECT, repository: "ada/infra" });
const oid = (text: string): string => hashObject("blob", Buffer.from(text), "sha1");

async function opening(tree: MemoryFileTree, more: Partial<LocalProjectQuery> = {}, hooks: SessionHooks = {}) {
  const project = await recordedProject(tree, hooks);
  const progress: string[] = [];
  const query: LocalProjectQuery = {
    openSession: async () => project.session,
    baseline: EMPTY_BASELINE,
    directory: "",
    direction: "push",
    options,
    format: "sha1",
    signal: new AbortController().signal,
    onProgress: (done, total) => void progress.push(`${done}/${total}`),
    ...more,
  };
  return { project, progress, opened: LocalProject.open(query) };
}

/** Returns the baseline after a sync of exactly these files. */
async function baselineOf(local: LocalProject): Promise<Baseline> {
  const entries = new Map(
    Array.from(local.files, ([path, file]) => [
      path,
      { mode: "100644" as const, oid: file.oid, versionTag: file.versionTag },
    ]),
  );
  return { ...EMPTY_BASELINE, entries, ignoreFiles: local.listing.ignoreFiles };
}

describe("LocalProject", () => {
  it("lists and reads the project, reports progress, and returns any content", async () => {
    const { opened, progress, project } = await opening({
      "a.tf": "A",
      "b/c.tf": "C",
      ".gitignore": "*.log\n",
      "x.log": "",
    });
    const local = await opened;
    expect([...local.files.keys()].sort()).toEqual([".gitignore", "a.tf", "b/c.tf"]);
    expect(progress).toEqual(["1/3", "2/3", "3/3"]);
    expect(Buffer.from(await local.content(oid("C"))).toString()).toBe("C");
    const merged = local.spool.put(Buffer.from("merged"));
    expect(Buffer.from(await local.content(merged)).toString()).toBe("merged");
    await expect(local.content(oid("never seen"))).rejects.toMatchObject({ code: "internal_error" });
    await local.close();
    expect(project.session.closed).toBe(1);
  });

  it("does not read unchanged files until their content is needed, and does not list them again", async () => {
    const first = await opening({ "a.tf": "A", "b/c.tf": "C" });
    const before = await first.opened;
    const { project } = first;
    const [lists, reads] = [project.session.lists, project.session.reads];
    lists.length = 0;
    reads.length = 0;
    const baseline = await baselineOf(before);
    const again = await LocalProject.open({
      openSession: async () => project.session,
      baseline,
      directory: "",
      direction: "push",
      options,
      format: "sha1",
      signal: new AbortController().signal,
      onProgress: () => {},
    });
    expect(reads).toEqual([]);
    lists.length = 0;
    expect(Buffer.from(await again.content(oid("C"))).toString()).toBe("C");
    expect([lists, reads]).toEqual([[], ["b/c.tf"]]);
    project.set("a.tf", "changed since");
    await expect(again.content(oid("A"))).rejects.toMatchObject({ code: "source_changed" });
    await again.close();
  });

  it("reads only the requested paths", async () => {
    const { opened, project } = await opening(
      { "a.tf": "A", "b.tf": "B", "c/d.tf": "D" },
      { options: { ...options, filePaths: ["b.tf", "gone.tf"] } },
    );
    const local = await opened;
    expect([...local.files.keys()]).toEqual(["b.tf"]);
    expect(local.only).toEqual(new Set(["b.tf", "gone.tf"]));
    expect([project.session.lists, project.session.reads]).toEqual([[""], ["b.tf"]]);
    await local.close();
  });

  it("rejects a listing that cannot become a commit before reading, and closes the session", async () => {
    const { opened, project } = await opening({ "Main.tf": "x", "main.tf": "y" });
    await expect(opened).rejects.toMatchObject({ code: "path_collision" });
    expect(project.session.reads).toEqual([]);
    expect(project.session.closed).toBe(1);
  });

  it("closes the session after a failure and throws the failure's error", async () => {
    const outage = new GitHubSdkError("source_unavailable", "Down.");
    const { opened, project } = await opening(
      { "a.tf": "A" },
      {},
      {
        onRead: () => {
          throw outage;
        },
      },
    );
    project.session.close = async () => {
      project.session.closed += 1;
      throw new Error("The session does not close.");
    };
    await expect(opened).rejects.toBe(outage);
    expect(project.session.closed).toBe(1);
  });

  it("close resolves when the session fails to close", async () => {
    const { opened, project } = await opening({ "a.tf": "A" });
    const local = await opened;
    project.session.close = async () => {
      throw new Error("The snapshot could not be deleted.");
    };
    await local.close();
    expect(await local.spool.read(oid("A"))).toBeNull();
  });

  it("throws the reason of an abort and closes the session", async () => {
    const controller = new AbortController();
    const reason = new Error("The user has left.");
    const { opened, project } = await opening(
      { "a/b/c.tf": "A" },
      { signal: controller.signal },
      { onList: () => controller.abort(reason) },
    );
    await expect(opened).rejects.toBe(reason);
    expect(project.session.closed).toBe(1);
  });
});
