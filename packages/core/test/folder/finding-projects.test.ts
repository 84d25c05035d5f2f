import { mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assertPathSegment } from "../../src/domain/path-segment.js";
import { folderFiles, folderProjectFiles } from "../../src/folder/index.js";
import { listAll, openSession, temporaryFolder, writeFiles } from "./temporary-folder.js";

const failsWith = (code: string) => expect.objectContaining({ code });

describe("assertPathSegment", () => {
  const BAD = [
    "",
    ".",
    "..",
    "...",
    "a/b",
    "a\\b",
    "/",
    "\\",
    "a\0b",
    "\ud800",
    "x\udc00y",
    "n".repeat(256),
    "é".repeat(128),
  ];

  it.each(BAD)("rejects %j", (id) => {
    expect(() => assertPathSegment(id, "The project id")).toThrow(failsWith("validation_failed"));
  });

  it.each(["7", "network", ".hidden", "..a", "a..", "a.b", "two words", "é", "n".repeat(255), "%2e%2e", "C:"])(
    "accepts %j",
    (id) => expect(() => assertPathSegment(id, "The project id")).not.toThrow(),
  );

  it("accepts only ids that stay one segment below any root", () => {
    const characters = fc.constantFrom("/", "\\", ".", "\0", " ", "a", "é", "\u{1f600}", "\ud800", "%", ":");
    fc.assert(
      fc.property(fc.string({ unit: characters, maxLength: 8 }), (id) => {
        try {
          assertPathSegment(id, "The id");
        } catch {
          return;
        }
        expect(join("/root", id)).toBe(`/root/${id}`);
        expect(join("/root", id, "..")).toBe("/root");
        expect(Buffer.from(id, "utf8").toString("utf8")).toBe(id);
      }),
    );
  });
});

describe("folderProjectFiles", () => {
  it.each([
    ["..", "network"],
    ["7", "../8/network"],
    ["7", ""],
    ["7/../8", "network"],
    ["7", "a\0"],
    [".", "."],
  ])("rejects the ids %j and %j before any file access", async (userId, projectId) => {
    // The root does not exist: an access would throw source_unavailable.
    const source = folderProjectFiles({ root: "/does/not/exist" });
    await expect(source.open({ userId, projectId })).rejects.toEqual(failsWith("validation_failed"));
  });

  it("throws source_unavailable, not project_not_found, for a missing root", async () => {
    const root = join(await temporaryFolder(), "not-mounted");
    await expect(folderProjectFiles({ root }).open({ userId: "7", projectId: "network" })).rejects.toEqual(
      failsWith("source_unavailable"),
    );
  });

  it("opens a project by its ids and throws project_not_found for others", async () => {
    const root = await temporaryFolder();
    await writeFiles(root, { "7/network/main.tf": "a", "7/a-file": "no directory" });
    const source = folderProjectFiles({ root });
    expect(await listAll(await openSession(source))).toMatchObject([{ path: "main.tf" }]);
    for (const [userId, projectId] of [
      ["8", "network"],
      ["7", "Network"],
      ["7", "a-file"],
      ["7", "other"],
      ["a-file", "x"],
    ] as const) {
      await expect(source.open({ userId, projectId })).rejects.toEqual(failsWith("project_not_found"));
    }
  });

  it("distinguishes ids that differ only in case, Unicode form or a trailing dot, where the file system does", async () => {
    const root = await temporaryFolder();
    const ids = ["net", "Net", "caf\u00e9", "cafe\u0301", "dot", "dot.", "dot "];
    for (const id of ids) await writeFiles(root, { [`7/${id}/${encodeURIComponent(id)}`]: id });
    const source = folderProjectFiles({ root });
    for (const id of ids) {
      const entries = await listAll(await openSession(source, "7", id));
      expect(entries.map(({ path }) => path)).toEqual([encodeURIComponent(id)]);
    }
    await expect(source.open({ userId: "7", projectId: "NET" })).rejects.toEqual(failsWith("project_not_found"));
  });

  it("does not follow a link below the root, whatever its target", async () => {
    const outside = await temporaryFolder();
    const root = await temporaryFolder();
    await writeFiles(outside, { "network/secret": "s" });
    await writeFiles(root, { "8/network/main.tf": "theirs", "7/own/main.tf": "mine" });
    await symlink(join(outside, "network"), join(root, "7", "outside"));
    await symlink("../8/network", join(root, "7", "inside"));
    await symlink("own", join(root, "7", "same-user"));
    await symlink("8", join(root, "9"));
    const source = folderProjectFiles({ root });
    for (const [userId, projectId] of [
      ["7", "outside"],
      ["7", "inside"],
      ["7", "same-user"],
      ["9", "network"],
    ] as const) {
      await expect(source.open({ userId, projectId })).rejects.toEqual(failsWith("project_not_found"));
    }
  });

  it("accepts a root that is a link, since the host chose it", async () => {
    const folder = await temporaryFolder();
    await writeFiles(folder, { "real/7/network/main.tf": "a" });
    await symlink("real", join(folder, "link"));
    const session = await openSession(folderProjectFiles({ root: join(folder, "link") }));
    expect(await listAll(session)).toMatchObject([{ path: "main.tf" }]);
  });

  it("uses the layout option and checks each of its segments", async () => {
    const root = await temporaryFolder();
    await writeFiles(root, { "tenants/7/projects/network/main.tf": "a" });
    const source = folderProjectFiles({
      root,
      layout: ({ userId, projectId }) => ["tenants", userId, "projects", projectId],
    });
    expect(await listAll(await openSession(source))).toMatchObject([{ path: "main.tf" }]);
    const leading = folderProjectFiles({ root, layout: () => ["..", "x"] });
    await expect(leading.open({ userId: "7", projectId: "x" })).rejects.toEqual(failsWith("validation_failed"));
    const empty = folderProjectFiles({ root, layout: () => [] });
    await expect(empty.open({ userId: "7", projectId: "x" })).rejects.toEqual(failsWith("invalid_options"));
  });

  it("accepts only a positive number of open files", async () => {
    for (const maxOpenFiles of [0, -1, 1.5, Number.NaN]) {
      expect(() => folderProjectFiles({ root: "/", maxOpenFiles })).toThrow(failsWith("invalid_options"));
    }
  });
});

describe("folderFiles", () => {
  it("reads one folder for any project, also through a link", async () => {
    const folder = await temporaryFolder();
    await writeFiles(folder, { "real/main.tf": "a" });
    await symlink("real", join(folder, "link"));
    for (const [userId, projectId] of [
      ["7", "network"],
      ["..", ""],
    ] as const) {
      const session = await openSession(folderFiles(join(folder, "link")), userId, projectId);
      expect(await listAll(session)).toMatchObject([{ path: "main.tf" }]);
    }
  });

  it("throws project_not_found for a missing folder or a file", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "file"), "");
    for (const name of ["missing", "file", "file/below"]) {
      const opened = folderFiles(join(folder, name)).open({ userId: "7", projectId: "network" });
      await expect(opened).rejects.toEqual(failsWith("project_not_found"));
    }
  });

  it("throws source_changed when another folder replaced the project's", async () => {
    const folder = await temporaryFolder();
    await writeFiles(folder, { "project/main.tf": "a" });
    const session = await openSession(folderFiles(join(folder, "project")));
    await rename(join(folder, "project"), join(folder, "old"));
    await mkdir(join(folder, "project"));
    await expect(listAll(session)).rejects.toEqual(failsWith("source_changed"));
  });
});
