import { type ProjectWriteSubject, projectWriteConformance } from "@infrajet/github-testing/conformance";
import { describe, it } from "vitest";
import { MemoryProjectFiles } from "../../src/memory/index.js";

const project = { userId: "7", projectId: "network" };

function subject(modes: boolean): ProjectWriteSubject {
  const source = new MemoryProjectFiles({ modes });
  source.setProject(project);
  const stored = async (): Promise<string[]> => {
    const session = await source.open(project);
    const found: string[] = [];
    for (const directories = [""]; directories.length > 0; ) {
      for await (const { type, path } of session.list(directories.shift() ?? "")) {
        (type === "file" ? found : directories).push(path);
      }
    }
    return found;
  };
  const isInTheWay = (path: string, other: string): boolean =>
    other.startsWith(`${path}/`) || path.startsWith(`${other}/`);
  return {
    source,
    project,
    missing: { userId: "7", projectId: "Network" },
    modes: modes ? ["100644", "100755", "120000"] : [],
    async write(path, content, mode = "100644") {
      if ((await stored()).some((other) => isInTheWay(path, other))) throw new Error(`${path} cannot be created`);
      source.setFile(project, path, modes ? { content, mode } : content);
    },
    makeDirectory: (path) => source.makeDirectory(project, path),
    removeFile: (path) => void source.deleteFile(project, path),
    removeDirectory: (path) => source.deleteDirectory(project, path),
    async rename(from, to) {
      const session = await source.open(project);
      const read = await session.read({ type: "file", path: from, size: 0, versionTag: null });
      const pieces: Uint8Array[] = [];
      for await (const piece of read.bytes) pieces.push(piece);
      source.setFile(project, to, Buffer.concat(pieces));
      source.deleteFile(project, from);
    },
    beforeStep: (action) => source.beforeWriteStep(action),
    stored,
  };
}

describe("MemoryProjectFiles.openToWrite", () => {
  for (const { name, run } of projectWriteConformance) it(name, () => run(() => subject(true)));
});

describe("MemoryProjectFiles.openToWrite without modes", () => {
  for (const { name, run } of projectWriteConformance) it(name, () => run(() => subject(false)));
});
