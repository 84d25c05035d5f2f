import { describe, expect, it } from "vitest";
import { type Baseline, EMPTY_BASELINE } from "../../../src/domain/baseline.js";
import { GitHubSdkError } from "../../../src/errors.js";
import { hashObject } from "../../../src/git/object-id.js";
import type { MemoryFileTree } from "../../../src/memory/memory-project-files.js";
import { LocalProject, type LocalProjectQuery } from "../../../src/sync/project/local-project.js";
import { parseSyncRequest } from "../../../src/sync/sync-request.js";
import { type Happenings, PROJECT, recordedProject } from "./recorded-session.js";

const { options } = parseSyncRequest({ project: PROJECT, repository: "ada/infra" });
const oid = (text: string): string => hashObject("blob", Buffer.from(text), "sha1");

async function opening(tree: MemoryFileTree, more: Partial<LocalProjectQuery> = {}, happenings: Happenings = {}) {
  const project = await recordedProject(tree, happenings);
  const progress: string[] = [];
  const query: LocalProjectQuery = {
    openSession: async () => project.session,
    baseline: EMPTY_BASELINE,
    directory: "",
    options,
    format: "sha1",
    signal: new AbortController().signal,
    onProgress: (done, total) => void progress.push(`${done}/${total}`),
    ...more,
  };
  return { project, progress, opened: LocalProject.open(query) };
}

/** The baseline after a sync of exactly these files. */
async function baselineOf(local: LocalProject): Promise<Baseline> {
  const entries = new Map(
    Array.from(local.files, ([path, file]) => [
      path,
      { mode: "100644" as const, oid: file.oid, versionTag: file.versionTag },
    ]),
  );
  return { ...EMPTY_BASELINE, entries, ignoreFiles: local.listing.ignoreFiles };
}

describe("a project that is opened for a sync", () => {
  it("is listed, read and counted, and gives back any content", async () => {
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

  it("is not read where nothing changed; a content is read when it is asked for, without another listing", async () => {
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

  it("looks at the paths that are asked for only", async () => {
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

  it("that no commit can be made from is refused before a byte is read, and closed", async () => {
    const { opened, project } = await opening({ "Main.tf": "x", "main.tf": "y" });
    await expect(opened).rejects.toMatchObject({ code: "path_collision" });
    expect(project.session.reads).toEqual([]);
    expect(project.session.closed).toBe(1);
  });

  it("is closed after a failure, whose reason stays the reason", async () => {
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
      throw new Error("And it does not close either.");
    };
    await expect(opened).rejects.toBe(outage);
    expect(project.session.closed).toBe(1);
  });

  it("cannot undo a sync by not closing", async () => {
    const { opened, project } = await opening({ "a.tf": "A" });
    const local = await opened;
    project.session.close = async () => {
      throw new Error("The snapshot could not be given back.");
    };
    await local.close();
    expect(await local.spool.read(oid("A"))).toBeNull();
  });

  it("ends with the reason of an abort, and is closed", async () => {
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
