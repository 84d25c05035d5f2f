import { describe, expect, it } from "vitest";
import type { ProjectEntry, ProjectFilesSession } from "../../src/adapters/index.js";
import { MemoryProjectFiles } from "../../src/memory/index.js";

const PROJECT = { userId: "7", projectId: "network" };

async function list(session: ProjectFilesSession, directory = ""): Promise<ProjectEntry[]> {
  const entries: ProjectEntry[] = [];
  for await (const entry of session.list(directory)) entries.push(entry);
  return entries;
}

describe("MemoryProjectFiles", () => {
  it("accepts a tree of strings, bytes and files with modes", async () => {
    const source = new MemoryProjectFiles();
    source.setProject(PROJECT, {
      "main.tf": "text",
      "dir/bytes": new Uint8Array([1, 2, 3]),
      run: { content: "#!", mode: "100755" },
    });
    const session = await source.open(PROJECT);
    const entries = await list(session);
    expect(entries).toEqual([
      { type: "file", path: "main.tf", size: 4, versionTag: expect.any(String) },
      { type: "directory", path: "dir" },
      { type: "file", path: "run", size: 2, versionTag: expect.any(String), mode: "100755" },
    ]);
    expect(await list(session, "dir")).toMatchObject([{ path: "dir/bytes", size: 3 }]);
  });

  it("changes the version tag on every write, also of the same content", async () => {
    const source = new MemoryProjectFiles();
    const tags: unknown[] = [];
    for (let write = 0; write < 3; write += 1) {
      source.setFile(PROJECT, "a", "same");
      for (const entry of await list(await source.open(PROJECT))) {
        if (entry.type === "file") tags.push(entry.versionTag);
      }
    }
    expect(new Set(tags).size).toBe(3);
  });

  it("copies the bytes that it is given and returns", async () => {
    const source = new MemoryProjectFiles();
    const content = new Uint8Array([1, 2, 3]);
    source.setFile(PROJECT, "a", content);
    content.fill(0);
    const session = await source.open(PROJECT);
    for (let read = 0; read < 2; read += 1) {
      const [file] = await list(session);
      if (file?.type !== "file") throw new Error("not listed");
      for await (const chunk of (await session.read(file)).bytes) {
        expect([...chunk]).toEqual([1, 2, 3]);
        chunk.fill(0);
      }
    }
  });

  it("fails with source_changed when the project is deleted during a session", async () => {
    const source = new MemoryProjectFiles();
    source.setProject(PROJECT, { a: "a" });
    const session = await source.open(PROJECT);
    expect(source.deleteProject(PROJECT)).toBe(true);
    expect(source.deleteProject(PROJECT)).toBe(false);
    await expect(list(session)).rejects.toMatchObject({ code: "source_changed" });
    await expect(source.open(PROJECT)).rejects.toMatchObject({ code: "project_not_found" });
  });

  it("fails a write session at the step that failAt names, and keeps what was written before", async () => {
    const blob = { size: 1, mode: "100644", oid: "8c7e5a667f1b771847fe88c01c3de34413a1b220" } as const;
    const content = {
      ...blob,
      async *bytes() {
        yield Buffer.from("A");
      },
    };
    const options = { operation: "42/1", keep: "drop" } as const;
    for (const { step, written } of [1, 2, 3].map((step) => ({ step, written: step === 3 }))) {
      const source = new MemoryProjectFiles();
      source.setProject(PROJECT);
      const session = await source.openToWrite(PROJECT);
      source.failAt(step);
      await expect(session.replace("a", content, "absent", options)).rejects.toThrow("interrupted");
      await expect(session.remove("a", { ...blob, versionTag: null }, options)).rejects.toThrow("interrupted");
      expect(await list(await source.open(PROJECT))).toHaveLength(written ? 1 : 0);
      const next = await source.openToWrite(PROJECT);
      expect(await next.replace("b", content, "absent", options)).toMatchObject({ outcome: "written" });
    }
  });
});
