import { describe, expect, it } from "vitest";
import type { BaselineEntry } from "../../../src/domain/baseline.js";
import type { ProjectFile } from "../../../src/domain/project-file.js";
import { GitHubSdkError } from "../../../src/errors.js";
import { hashObject } from "../../../src/git/object-id.js";
import type { MemoryFileTree } from "../../../src/memory/memory-project-files.js";
import { ContentSpool } from "../../../src/sync/project/content-spool.js";
import { listProject } from "../../../src/sync/project/list-project.js";
import { type LocalFile, readAgain, readProject } from "../../../src/sync/project/read-project.js";
import { nextTurn, recordedProject, type SessionHooks, WHOLE_PROJECT } from "./recorded-session.js";

const oid = (text: string): string => hashObject("blob", Buffer.from(text), "sha1");
const alive = new AbortController().signal;

/** Lists a project, runs an action, then reads the project. */
async function readAfter(
  tree: MemoryFileTree,
  hooks: SessionHooks & {
    readonly afterListing?: (project: Awaited<ReturnType<typeof recordedProject>>) => void;
  } = {},
  known: ReadonlyMap<string, BaselineEntry> = new Map(),
  signal = alive,
) {
  const project = await recordedProject(tree, hooks);
  const { files } = await listProject(project.session, WHOLE_PROJECT);
  project.session.lists.length = 0;
  hooks.afterListing?.(project);
  const spool = new ContentSpool("sha1");
  const seen: string[] = [];
  const reading = readProject(project.session, files, { known, spool, signal, onFile: (path) => void seen.push(path) });
  return { project, files, spool, seen, reading };
}

const known = (
  files: ReadonlyMap<string, ProjectFile>,
  texts: Readonly<Record<string, string>>,
): Map<string, BaselineEntry> =>
  new Map(
    Object.entries(texts).map(([path, text]) => [
      path,
      { mode: "100644", oid: oid(text), versionTag: files.get(path)?.versionTag ?? "none" },
    ]),
  );

describe("readProject", () => {
  it("returns every file's blob ID, size, tag and mode, and stores the contents in the spool", async () => {
    const { reading, spool, seen, files } = await readAfter({
      "a.tf": "A",
      "run.sh": { content: "#!", mode: "100755" },
      empty: "",
    });
    const local = await reading;
    expect(local.get("a.tf")).toEqual({
      path: "a.tf",
      mode: null,
      oid: oid("A"),
      size: 1,
      versionTag: files.get("a.tf")?.versionTag,
    });
    expect(local.get("run.sh")?.mode).toBe("100755");
    expect(local.get("empty")?.oid).toBe(oid(""));
    expect(Buffer.from((await spool.read(oid("#!"))) ?? []).toString()).toBe("#!");
    expect(seen.sort()).toEqual(["a.tf", "empty", "run.sh"]);
  });

  it("does not read a file with the version tag of its base entry", async () => {
    const tree = { "same.tf": "S", "other.tf": "O", "new.tf": "N" };
    const { files, project, reading } = await readAfter(tree);
    await reading;
    const base = known(files, { "same.tf": "S", "other.tf": "before" });
    base.set("other.tf", { mode: "100644", oid: oid("before"), versionTag: "older" });
    project.session.reads.length = 0;
    const spool = new ContentSpool("sha1");
    const seen: string[] = [];
    const local = await readProject(project.session, files, {
      known: base,
      spool,
      signal: alive,
      onFile: (path) => void seen.push(path),
    });
    expect(project.session.reads.sort()).toEqual(["new.tf", "other.tf"]);
    expect(local.get("same.tf")).toMatchObject({ oid: oid("S"), size: 1 });
    expect(local.get("other.tf")?.oid).toBe(oid("O"));
    expect(await spool.read(oid("S"))).toBeNull();
    expect(seen.length).toBe(3);
  });

  it("reads a file without a version tag, and returns it without a tag", async () => {
    const base = new Map<string, BaselineEntry>([["f", { mode: "100644", oid: oid("F"), versionTag: null }]]);
    const { reading, project } = await readAfter(
      { f: "F" },
      { listed: (file) => ({ ...file, versionTag: null }) },
      base,
    );
    expect((await reading).get("f")).toMatchObject({ oid: oid("F"), versionTag: null });
    // Read once: a tag that only the content has does not mean that the file changed.
    expect(project.session.reads).toEqual(["f"]);
    expect(project.session.lists).toEqual([]);
  });

  it("reads up to eight files concurrently", async () => {
    const tree = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`f${index}`, String(index)]));
    const { reading, project } = await readAfter(tree);
    expect((await reading).size).toBe(40);
    expect(project.session.mostReads).toBe(8);
    expect(project.session.open).toBe(0);
  });
});

describe("readProject with a file that changes", () => {
  it("lists and reads the file again when it changed after the listing", async () => {
    const { reading, project } = await readAfter(
      { "d/f": "old", g: "g" },
      { afterListing: ({ set }) => set("d/f", "newer") },
    );
    const local = await reading;
    expect(local.get("d/f")).toMatchObject({ oid: oid("newer"), size: 5, versionTag: "v3" });
    expect(project.session.reads.filter((path) => path === "d/f").length).toBe(2);
    expect(project.session.lists).toEqual(["d"]);
    expect(project.session.open, "nothing stays open of the read that was given up").toBe(0);
  });

  it("reads the file again when the source or its length shows that it changed while being read", async () => {
    let changed = false;
    const torn = async function* () {
      yield Buffer.from("ne");
      throw new GitHubSdkError("source_changed", "It moved.");
    };
    const said = await readAfter(
      { f: "old" },
      { content: (content, _path, time) => (time === 1 ? { ...content, bytes: torn() } : content) },
    );
    expect((await said.reading).get("f")?.oid).toBe(oid("old"));

    const longer = await readAfter(
      { f: "old" },
      {
        content: (content) => {
          if (changed) return content;
          changed = true;
          return {
            ...content,
            bytes: (async function* () {
              yield Buffer.from("older and longer");
            })(),
          };
        },
      },
    );
    expect((await longer.reading).get("f")?.oid).toBe(oid("old"));
    expect(longer.project.session.reads).toEqual(["f", "f"]);
  });

  it("throws after three reads and names the file and the fix", async () => {
    let version = 0;
    const project = await recordedProject({ f: "0" }, { onRead: (path) => project.set(path, String(++version)) });
    const { files } = await listProject(project.session, WHOLE_PROJECT);
    const reading = readProject(project.session, files, {
      known: new Map(),
      spool: new ContentSpool("sha1"),
      signal: alive,
      onFile: () => {},
    });
    await expect(reading).rejects.toMatchObject({ code: "source_changed", details: { path: "f" } });
    await expect(reading).rejects.toThrow(
      '"f" keeps changing while it is read. Run the sync again when no process writes to the file.',
    );
    expect(project.session.reads.length).toBe(3);
    expect(project.session.open).toBe(0);
  });

  it("throws when the file was removed after the listing, instead of treating it as deleted", async () => {
    const { reading } = await readAfter({ "d/f": "x", "d/g": "y" }, { afterListing: ({ remove }) => remove("d/f") });
    await expect(reading).rejects.toMatchObject({ code: "source_changed", details: { path: "d/f" } });
    await expect(reading).rejects.toThrow("was removed while the project was read");
  });

  it("throws when the file became a directory", async () => {
    const { reading } = await readAfter(
      { f: "x" },
      {
        afterListing: ({ remove, set }) => {
          remove("f");
          set("f/g", "y");
        },
      },
    );
    await expect(reading).rejects.toMatchObject({ code: "source_changed", details: { path: "f" } });
  });

  it("throws when the source keeps listing a wrong size", async () => {
    const { reading, project } = await readAfter({ f: "four" }, { listed: (file) => ({ ...file, size: 3 }) });
    await expect(reading).rejects.toMatchObject({ code: "source_changed", details: { path: "f" } });
    expect(project.session.reads.length).toBe(3);
  });
});

describe("readProject with a failing source", () => {
  it("throws an outage at once and stops the other reads", async () => {
    const outage = new GitHubSdkError("source_unavailable", "The share does not answer.");
    const endless = async function* () {
      for (;;) {
        await nextTurn();
        yield new Uint8Array(0);
      }
    };
    const tree = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`f${index}`, "x"]));
    const { reading, project } = await readAfter(tree, {
      onRead: (path) => {
        if (path === "f7") throw outage;
      },
      content: (content, path) =>
        path === "f0" ? { ...content, bytes: untilAborted(endless(), () => project.session.closed > 0) } : content,
    });
    await expect(reading).rejects.toBe(outage);
    const read = project.session.reads.length;
    await project.session.close();
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    expect(project.session.reads.length).toBe(read);
    expect(project.session.open).toBe(0);
  });

  it("aborts concurrent reads when one file fails", async () => {
    const signals: AbortSignal[] = [];
    const project = await recordedProject({ a: "x", b: "x" });
    const { files } = await listProject(project.session, WHOLE_PROJECT);
    const session = {
      list: project.session.list.bind(project.session),
      close: async () => {},
      read: async (file: ProjectFile, { signal = alive }: { readonly signal?: AbortSignal } = {}) => {
        signals.push(signal);
        if (file.path === "b") throw new GitHubSdkError("source_unavailable", "Down.");
        return {
          versionTag: file.versionTag,
          bytes: (async function* () {
            yield Buffer.from("x");
          })(),
        };
      },
    };
    const reading = readProject(session, files, {
      known: new Map(),
      spool: new ContentSpool("sha1"),
      signal: alive,
      onFile: () => {},
    });
    await expect(reading).rejects.toMatchObject({ code: "source_unavailable" });
    expect(signals.map((signal) => signal.aborted)).toEqual([true, true]);
  });

  it("throws the reason of an abort", async () => {
    const controller = new AbortController();
    const reason = new Error("The user has left.");
    const tree = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`f${index}`, "x"]));
    const { reading, project } = await readAfter(
      tree,
      { onRead: (path) => void (path === "f3" && controller.abort(reason)) },
      new Map(),
      controller.signal,
    );
    await expect(reading).rejects.toBe(reason);
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    expect(project.session.reads.length).toBeLessThan(20);
  });
});

describe("readAgain", () => {
  const localFile = (path: string, text: string): LocalFile => ({
    path,
    mode: null,
    oid: oid(text),
    size: text.length,
    versionTag: "v1",
  });

  it("returns the content from the spool", async () => {
    const project = await recordedProject({ f: "F" });
    const spool = new ContentSpool("sha1");
    spool.put(Buffer.from("F"));
    await readAgain(project.session, localFile("f", "F"), null, { spool, signal: alive });
    expect(project.session.reads).toEqual([]);
  });

  it("reads the content from the source, with the given listing or a new one", async () => {
    const project = await recordedProject({ "d/f": "F" });
    const { files } = await listProject(project.session, WHOLE_PROJECT);
    project.session.lists.length = 0;
    const read = async (listed: ProjectFile | null) =>
      Buffer.from(
        await readAgain(project.session, localFile("d/f", "F"), listed, {
          spool: new ContentSpool("sha1"),
          signal: alive,
        }),
      ).toString();
    expect(await read(files.get("d/f") ?? null)).toBe("F");
    expect(project.session.lists).toEqual([]);
    expect(await read(null)).toBe("F");
    expect(project.session.lists).toEqual(["d"]);
  });

  it("throws when the content has another blob ID than the plan", async () => {
    const project = await recordedProject({ f: "F" });
    project.set("f", "G");
    const again = readAgain(project.session, localFile("f", "F"), null, {
      spool: new ContentSpool("sha1"),
      signal: alive,
    });
    await expect(again).rejects.toMatchObject({ code: "source_changed", details: { path: "f" } });
  });
});

async function* untilAborted(bytes: AsyncIterable<Uint8Array>, ended: () => boolean): AsyncIterable<Uint8Array> {
  for await (const chunk of bytes) {
    if (ended()) return;
    yield chunk;
  }
}
