import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type ProjectFilesSubject, projectFilesConformance } from "@infrajet/github-testing/conformance";
import { describe, it } from "vitest";
import { folderFiles, folderProjectFiles } from "../../src/folder/index.js";

const project = { userId: "7", projectId: "network" };

async function subjectAt(
  root: string,
  directory: string,
  source: ProjectFilesSubject["source"],
): Promise<ProjectFilesSubject> {
  await mkdir(directory, { recursive: true });
  return {
    source,
    project,
    missing: { userId: "7", projectId: "other" },
    modes: ["100644", "100755", "120000"],
    async write(path, content, mode = "100644") {
      const absolute = join(directory, path);
      await mkdir(dirname(absolute), { recursive: true });
      if (mode === "120000") return symlink(Buffer.from(content), absolute);
      await writeFile(absolute, content);
      await chmod(absolute, mode === "100755" ? 0o755 : 0o644);
    },
    async makeDirectory(path) {
      await mkdir(join(directory, path), { recursive: true });
    },
    removeFile: (path) => rm(join(directory, path)),
    removeDirectory: (path) => rm(join(directory, path), { recursive: true }),
    dispose: () => rm(root, { recursive: true, force: true }),
  };
}

describe("folderProjectFiles", () => {
  for (const { name, run } of projectFilesConformance) {
    it(name, () =>
      run(async () => {
        const root = await mkdtemp(join(tmpdir(), "projects-"));
        return subjectAt(root, join(root, "7", "network"), folderProjectFiles({ root }));
      }),
    );
  }
});

describe("folderFiles", () => {
  const ofAnyProject = projectFilesConformance.filter(
    ({ name }) => name !== "open fails with project_not_found for a missing project",
  );
  for (const { name, run } of ofAnyProject) {
    it(name, () =>
      run(async () => {
        const root = await mkdtemp(join(tmpdir(), "folder-"));
        return subjectAt(root, root, folderFiles(root, { maxOpenFiles: 2 }));
      }),
    );
  }
});
