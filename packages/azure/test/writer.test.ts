import type { ProjectFilesSession } from "@infrajet/github/adapters";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BoxedFiles, FOLDER, PROJECT } from "./boxed-files.js";

let azure: BoxedFiles;
beforeEach(async () => {
  azure = await BoxedFiles.start();
});
afterEach(() => azure.close());

const text = (path: string): string | undefined => azure.share.file(`${FOLDER}/${path}`)?.bytes.toString();
const paths = (): string[] => [...azure.share.files().keys()].map((path) => path.slice(FOLDER.length + 1));

async function listed(session: ProjectFilesSession, directory = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { type, path } of session.list(directory)) {
    if (type === "file") found.push(path);
    else found.push(...(await listed(session, path)));
  }
  return found;
}

describe("ProjectWriter.write", () => {
  it("creates a file with its directories and replaces it", async () => {
    const writer = await azure.files().writer(PROJECT);
    await writer.write("modules/network/main.tf", Buffer.from("one"));
    await writer.write("modules/network/main.tf", Buffer.from("the second"));
    await writer.write("empty.tf", new Uint8Array());
    expect(paths().sort()).toEqual(["empty.tf", "modules/network/main.tf"]);
    expect(text("modules/network/main.tf")).toBe("the second");
  });

  it("writes a large file in several requests", async () => {
    const content = Uint8Array.from({ length: 9_000_002 }, (_, index) => (index * 7 + (index >> 10)) % 256).subarray(1);
    const writer = await azure.files().writer(PROJECT);
    await writer.write("large.bin", content);
    expect(azure.share.file(`${FOLDER}/large.bin`)?.bytes.equals(content)).toBe(true);
    expect(azure.box.count("PutRange")).toBe(3);
  });

  it.each(["two words", "100%25 done", "a#b", "a+b&c=d", "it's", "é/é", "模块", "😀", "dots..", "dir./f", ".hidden"])(
    "writes a file named %j that can be listed and read under this name",
    async (path) => {
      const files = azure.files();
      await (await files.writer(PROJECT)).write(path, Buffer.from(path));
      expect(paths()).toEqual([path]);
      const session = await files.open(PROJECT);
      expect(await listed(session)).toEqual([path]);
      const { bytes } = await session.read({ type: "file", path, size: 0, versionTag: null });
      const pieces: Uint8Array[] = [];
      for await (const piece of bytes) pieces.push(piece);
      expect(Buffer.concat(pieces).toString()).toBe(path);
      await session.close();
    },
  );

  it("never shows a partial file, and hides its temporary file from listings", async () => {
    azure.write("main.tf", "before");
    const files = azure.files();
    const writer = await files.writer(PROJECT);
    const seen = new Set<string | undefined>();
    let reading = false;
    azure.box.control.beforeRequest(async () => {
      if (reading) return;
      reading = true;
      seen.add(text("main.tf"));
      const session = await files.open(PROJECT);
      expect(await listed(session)).toEqual(["main.tf"]);
      await session.close();
      reading = false;
    });
    await writer.write("main.tf", Buffer.from("after!"));
    seen.add(text("main.tf"));
    expect([...seen]).toEqual(["before", "after!"]);
  });

  it("leaves the old file and no temporary file when the write fails", async () => {
    azure.write("main.tf", "before");
    const writer = await azure.files().writer(PROJECT);
    azure.box.control.fault({ operation: "PutRange", times: 5, respond: { code: "ServerBusy" } });
    await expect(writer.write("main.tf", Buffer.from("after!"))).rejects.toMatchObject({
      code: "source_unavailable",
      details: { reason: "throttled", path: "main.tf" },
    });
    expect(paths()).toEqual(["main.tf"]);
    expect(text("main.tf")).toBe("before");
  });

  it("leaves the old file and no temporary file when the write is aborted", async () => {
    azure.write("main.tf", "before");
    const writer = await azure.files().writer(PROJECT);
    const controller = new AbortController();
    azure.box.control.beforeRequest(({ operation }) => {
      if (operation === "PutRange") controller.abort(new Error("cancelled"));
    });
    const { signal } = controller;
    await expect(writer.write("main.tf", Buffer.from("after!"), { signal })).rejects.toThrow("cancelled");
    expect(paths()).toEqual(["main.tf"]);
    expect(text("main.tf")).toBe("before");
  });

  it.each(["CreateFile", "PutRange", "RenameFile"])("succeeds when the response to %s is lost", async (operation) => {
    azure.write("main.tf", "before");
    const writer = await azure.files().writer(PROJECT);
    azure.box.control.fault({ operation, when: "after", respond: "reset" });
    await writer.write("main.tf", Buffer.from("after!"));
    expect(paths()).toEqual(["main.tf"]);
    expect(text("main.tf")).toBe("after!");
  });

  it("fails with source_changed when the temporary file was deleted", async () => {
    azure.write("main.tf", "before");
    const writer = await azure.files().writer(PROJECT);
    azure.box.control.beforeRequest(({ operation }) => {
      if (operation !== "RenameFile") return;
      for (const path of paths()) if (path.endsWith(".infrajet-write")) azure.remove(path);
    });
    await expect(writer.write("main.tf", Buffer.from("after!"))).rejects.toMatchObject({ code: "source_changed" });
    expect(text("main.tf")).toBe("before");
  });

  it("rejects a path that is a directory or below a file", async () => {
    azure.write("dir/a.tf", "a");
    const writer = await azure.files().writer(PROJECT);
    await expect(writer.write("dir", Buffer.from("x"))).rejects.toMatchObject({ code: "invalid_path" });
    await expect(writer.write("dir/a.tf/b", Buffer.from("x"))).rejects.toMatchObject({ code: "invalid_path" });
    expect(paths()).toEqual(["dir/a.tf"]);
  });

  it("fails with source_changed when the project was deleted meanwhile", async () => {
    const writer = await azure.files().writer(PROJECT);
    azure.share.remove(FOLDER);
    await expect(writer.write("a.tf", Buffer.from("x"))).rejects.toMatchObject({ code: "source_changed" });
  });

  it("rejects a path outside the project or unsupported by Azure Files before a request is sent", async () => {
    const writer = await azure.files().writer(PROJECT);
    azure.box.resetCounters();
    for (const path of [
      "../other/a",
      "/a",
      "a/../../b",
      "",
      "a:b",
      "con",
      ".00000000-0000-4000-8000-000000000000.infrajet-write",
    ]) {
      await expect(writer.write(path, Buffer.from("x"))).rejects.toMatchObject({ code: "invalid_path" });
      await expect(writer.remove(path)).rejects.toMatchObject({ code: "invalid_path" });
    }
    expect(azure.box.count()).toBe(0);
  });
});

describe("ProjectWriter.remove", () => {
  it("returns true when the file existed and false when it did not", async () => {
    azure.write("dir/a.tf", "a");
    const writer = await azure.files().writer(PROJECT);
    expect(await writer.remove("dir/a.tf")).toBe(true);
    expect(await writer.remove("dir/a.tf")).toBe(false);
    expect(await writer.remove("never/a.tf")).toBe(false);
    expect(paths()).toEqual([]);
  });

  it("returns true when the response to the deletion is lost", async () => {
    azure.write("a.tf", "a");
    const writer = await azure.files().writer(PROJECT);
    azure.box.control.fault({ operation: "DeleteFile", when: "after", respond: "reset" });
    expect(await writer.remove("a.tf")).toBe(true);
  });

  it("rejects a directory", async () => {
    azure.write("dir/a.tf", "a");
    const writer = await azure.files().writer(PROJECT);
    await expect(writer.remove("dir")).rejects.toMatchObject({ code: "invalid_path" });
    expect(paths()).toEqual(["dir/a.tf"]);
  });
});

describe("AzureProjectFiles.writer", () => {
  it("creates the directory of a new project", async () => {
    const project = { userId: "8", projectId: "new" };
    const files = azure.files({ baseDirectory: "tenants/acme" });
    await expect(files.open(project)).rejects.toMatchObject({ code: "source_unavailable" });
    await (await files.writer(project)).write("a.tf", Buffer.from("a"));
    expect(azure.share.file("tenants/acme/8/new/a.tf")?.bytes.toString()).toBe("a");
    await (await files.open(project)).close();
    await expect(files.open({ ...project, projectId: "other" })).rejects.toMatchObject({ code: "project_not_found" });
  });

  it("does not open a directory whose name differs in case", async () => {
    azure.write("main.tf", "mine");
    for (const other of [
      { ...PROJECT, projectId: "Infra" },
      { userId: "7", projectId: "INFRA" },
    ]) {
      await expect(azure.files().writer(other)).rejects.toMatchObject({ code: "project_not_found" });
      await expect(azure.files().open(other)).rejects.toMatchObject({ code: "project_not_found" });
    }
    azure.share.mkdir("projects/ada/one");
    await expect(azure.files().open({ userId: "Ada", projectId: "one" })).rejects.toMatchObject({
      code: "project_not_found",
    });
  });
});

describe("azureProjectFiles with the layout latest-generation", () => {
  it("reads and writes the newest generation by name or by time", async () => {
    azure.write("2/main.tf", "second");
    azure.write("10/main.tf", "tenth");
    azure.putClockForward(60_000);
    azure.write("9/main.tf", "ninth");
    const byName = azure.files({ layout: "latest-generation" });
    const byTime = azure.files({ layout: "latest-generation", generationOrder: "time" });
    await (await byName.writer(PROJECT)).write("new.tf", Buffer.from("by name"));
    await (await byTime.writer(PROJECT)).write("new.tf", Buffer.from("by time"));
    expect(text("10/new.tf")).toBe("by name");
    expect(text("9/new.tf")).toBe("by time");
    expect(await listed(await byName.open(PROJECT))).toEqual(["main.tf", "new.tf"]);
  });

  it("fails with project_not_found when the project has no generation", async () => {
    azure.write("README.md", "no generation");
    const files = azure.files({ layout: "latest-generation" });
    await expect(files.open(PROJECT)).rejects.toMatchObject({ code: "project_not_found" });
    await expect(files.writer(PROJECT)).rejects.toMatchObject({ code: "project_not_found" });
  });
});
