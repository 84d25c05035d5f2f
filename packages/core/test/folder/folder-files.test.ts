import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { folderFiles, folderProjectFiles } from "../../src/folder/index.js";
import { listAll, temporaryFolder, writeFiles } from "./temporary-folder.js";

describe("folderFiles", () => {
  it("derives the same project key from the same folder, and different keys from folders with the same name", async () => {
    const root = await temporaryFolder();
    const key = (...path: string[]) => folderFiles(join(root, ...path)).project;
    expect(key("a", "infra")).toEqual(key("a", "..", "a", "infra"));
    expect(key("a", "infra")?.projectId).toMatch(/^infra-[0-9a-f]{12}$/);
    expect(key("a", "infra")).not.toEqual(key("b", "infra"));
  });

  it("accepts a project key for a folder that may move", () => {
    const project = { userId: "ci", projectId: "infra" };
    expect(folderFiles("/anywhere", { project }).project).toEqual(project);
  });

  it("opens the folder under its own key", async () => {
    const root = await temporaryFolder();
    await writeFiles(root, { "main.tf": "a" });
    const source = folderFiles(root);
    const session = await source.open(source.project ?? expect.fail("folderFiles has no project key"));
    expect((await listAll(session)).map(({ path }) => path)).toEqual(["main.tf"]);
    await session.close();
  });
});

describe("folderProjectFiles", () => {
  it("has no project key of its own, because it holds many projects", () => {
    expect(folderProjectFiles({ root: "/projects" }).project).toBeUndefined();
  });
});
