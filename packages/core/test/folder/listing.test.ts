import { execFile } from "node:child_process";
import { chmod, mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import type { ProjectFile } from "../../src/adapters/index.js";
import { isGitHubSdkError } from "../../src/errors.js";
import { folderFiles } from "../../src/folder/index.js";
import { findFile, listAll, openSession, readText, temporaryFolder, writeFiles } from "./temporary-folder.js";

const failsWith = (code: string) => expect.objectContaining({ code });

describe("modes in FolderSession.list", () => {
  it("lists the executable bit of the owner", async () => {
    const folder = await temporaryFolder();
    await writeFiles(folder, { plain: "", run: "", group: "" });
    await chmod(join(folder, "run"), 0o744);
    await chmod(join(folder, "group"), 0o654);
    const entries = await listAll(await openSession(folderFiles(folder)));
    expect(entries).toMatchObject([
      { path: "group", mode: "100644" },
      { path: "plain", mode: "100644" },
      { path: "run", mode: "100755" },
    ]);
  });

  it("omits modes without fileMode, but recognizes links", async () => {
    const folder = await temporaryFolder();
    await writeFiles(folder, { run: "x" });
    await chmod(join(folder, "run"), 0o777);
    await symlink("run", join(folder, "link"));
    const session = await openSession(folderFiles(folder, { fileMode: false }));
    const [link, run] = await listAll(session);
    expect(link).toMatchObject({ path: "link", mode: "120000" });
    expect(run).not.toHaveProperty("mode");
    expect(await readText(session, await findFile(session, "run"))).toBe("x");
  });
});

describe("links in FolderSession", () => {
  it.each(["/etc/passwd", "../../outside", "directory", "missing", "caf\u00e9 \u{1f600}", "link"])(
    "lists a link to %j with its target as content",
    async (target) => {
      const folder = await temporaryFolder();
      await writeFiles(folder, { "directory/secret": "s" });
      await symlink(target, join(folder, "link"));
      const session = await openSession(folderFiles(folder));
      const link = await findFile(session, "link");
      expect(link).toMatchObject({ type: "file", mode: "120000", size: Buffer.byteLength(target) });
      expect(await readText(session, link)).toBe(target);
    },
  );

  it("keeps the bytes of a link target that is not valid UTF-8", async () => {
    const folder = await temporaryFolder();
    const target = Buffer.from([0x66, 0xff, 0xfe]);
    await symlink(target, join(folder, "link"));
    const session = await openSession(folderFiles(folder));
    const chunks: Uint8Array[] = [];
    const { bytes } = await session.read(await findFile(session, "link"));
    for await (const chunk of bytes) chunks.push(chunk);
    expect(Buffer.concat(chunks)).toEqual(target);
  });

  it("does not follow a link to a directory, in list or in read", async () => {
    const outside = await temporaryFolder();
    const folder = await temporaryFolder();
    await writeFiles(outside, { secret: "s" });
    await symlink(outside, join(folder, "link"));
    const session = await openSession(folderFiles(folder));
    await expect(listAll(session, "link")).rejects.toEqual(failsWith("source_changed"));
    const secret: ProjectFile = { type: "file", path: "link/secret", size: 1, versionTag: null };
    await expect(readText(session, secret)).rejects.toEqual(failsWith("source_changed"));
  });

  it("does not follow a link that replaced a directory or a file after the listing", async () => {
    const outside = await temporaryFolder();
    const folder = await temporaryFolder();
    await writeFiles(outside, { "main.tf": "secret" });
    await writeFiles(folder, { "sub/main.tf": "inside", "top.tf": "inside" });
    const session = await openSession(folderFiles(folder));
    const [below, top] = [await findFile(session, "sub/main.tf"), await findFile(session, "top.tf")];
    await rename(join(folder, "sub"), join(folder, "moved"));
    await symlink(outside, join(folder, "sub"));
    await rename(join(folder, "top.tf"), join(folder, "moved.tf"));
    await symlink(join(outside, "main.tf"), join(folder, "top.tf"));
    await expect(readText(session, below)).rejects.toEqual(failsWith("source_changed"));
    await expect(readText(session, top)).rejects.toEqual(failsWith("source_changed"));
  });
});

describe("special files in FolderSession.list", () => {
  it("throws invalid_path for a named pipe, and does not wait for one that replaced a file", async () => {
    const folder = await temporaryFolder();
    await writeFiles(folder, { "sub/a.tf": "a" });
    const session = await openSession(folderFiles(folder));
    const file = await findFile(session, "sub/a.tf");
    await rename(join(folder, "sub/a.tf"), join(folder, "b.tf"));
    await promisify(execFile)("mkfifo", [join(folder, "sub/a.tf")]);
    await expect(readText(session, file)).rejects.toEqual(failsWith("source_changed"));
    const refusal = { code: "invalid_path", message: expect.stringContaining("sub/a.tf is a named pipe") };
    await expect(listAll(session, "sub")).rejects.toEqual(expect.objectContaining(refusal));
  });

  it("throws invalid_path for a socket", async () => {
    const folder = await temporaryFolder();
    const server = createServer().listen(join(folder, "agent.sock"));
    onTestFinished(() => void server.close());
    const refusal = { code: "invalid_path", message: expect.stringContaining("agent.sock is a socket") };
    await expect(listAll(await openSession(folderFiles(folder)))).rejects.toEqual(expect.objectContaining(refusal));
  });

  it("throws invalid_path for a name that is not valid UTF-8, only in its directory", async () => {
    const folder = await temporaryFolder();
    await writeFiles(folder, { "bad/a": "", "good/b": "" });
    await writeFile(Buffer.concat([Buffer.from(`${folder}/bad/caf`), Buffer.from([0xe9])]), "latin1");
    const session = await openSession(folderFiles(folder));
    expect(await listAll(session)).toHaveLength(2);
    expect(await listAll(session, "good")).toHaveLength(1);
    const refusal = { code: "invalid_path", details: { path: "bad/caf\ufffd", bytes: "636166e9" } };
    await expect(listAll(session, "bad")).rejects.toEqual(expect.objectContaining(refusal));
  });

  it.each(["..", "../x", "a/../../x", "/etc", "a//b", "./a", "a/", "a\0b"])("rejects the path %j", async (path) => {
    const session = await openSession(folderFiles(await temporaryFolder()));
    await expect(listAll(session, path)).rejects.toEqual(failsWith("invalid_path"));
    const file: ProjectFile = { type: "file", path, size: 1, versionTag: null };
    await expect(session.read(file)).rejects.toEqual(failsWith("invalid_path"));
  });
});

describe("concurrent changes in FolderSession.list", () => {
  it("lists all entries or throws when the directory is renamed in the meantime", async () => {
    const folder = await temporaryFolder();
    const names = Array.from({ length: 300 }, (_, index) => `file-${index}`);
    await writeFiles(folder, Object.fromEntries(names.map((name) => [`sub/${name}`, name])));
    const session = await openSession(folderFiles(folder));
    let complete = 0;
    for (let round = 0; round < 15; round += 1) {
      const listing = listAll(session, "sub").then(
        (entries) => entries.length,
        (error: unknown) => (isGitHubSdkError(error) ? error.code : error),
      );
      for (let turn = 0; turn < round; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      await rename(join(folder, "sub"), join(folder, "away"));
      const outcome = await listing;
      await rename(join(folder, "away"), join(folder, "sub"));
      expect([300, "source_changed"]).toContain(outcome);
      if (outcome === 300) complete += 1;
    }
    expect(complete).toBeLessThan(15);
  });

  // Long names make the kernel return the directory in several pieces.
  it("lists a file that is being renamed", async () => {
    const folder = await temporaryFolder();
    await writeFiles(
      folder,
      Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`${index}-${"n".repeat(230)}`, ""])),
    );
    await writeFile(join(folder, "moving-a"), "");
    const session = await openSession(folderFiles(folder));
    let names: readonly [string, string] = ["moving-a", "moving-b"];
    let stop = false;
    const renaming = (async () => {
      while (!stop) {
        await rename(join(folder, names[0]), join(folder, names[1]));
        names = [names[1], names[0]];
        for (let turn = 0; turn < 40; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    for (let round = 0; round < 20; round += 1) {
      const entries = await listAll(session).catch((error: unknown) => {
        if (!isGitHubSdkError(error, "source_changed")) throw error;
        return null;
      });
      if (entries === null) continue;
      expect(entries.filter(({ path }) => path.startsWith("moving-"))).toHaveLength(1);
      expect(entries).toHaveLength(401);
    }
    stop = true;
    await renaming;
  });

  it("throws source_unavailable for a directory without read permission", async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, "private"));
    await writeFiles(folder, { "closed.tf": "a" });
    for (const name of ["private", "closed.tf"]) await chmod(join(folder, name), 0);
    await asNobody(folder, async () => {
      const session = await openSession(folderFiles(folder));
      const denied = (path: string) =>
        expect.objectContaining({ code: "source_unavailable", message: `${path} cannot be read: permission denied.` });
      await expect(listAll(session, "private")).rejects.toEqual(denied("private"));
      await expect(readText(session, await findFile(session, "closed.tf"))).rejects.toEqual(denied("closed.tf"));
    });
  });
});

// Root may read all files, so a test about permissions changes the user for a while.
async function asNobody(folder: string, test: () => Promise<void>): Promise<void> {
  await chmod(folder, 0o755);
  if (process.geteuid?.() !== 0) return test();
  process.seteuid?.(65_534);
  try {
    await test();
  } finally {
    process.seteuid?.(0);
  }
}
