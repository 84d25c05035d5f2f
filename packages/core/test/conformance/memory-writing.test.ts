import { type ProjectWriteSubject, projectWriteConformance } from "@infrajet/github-testing/conformance";
import { describe, it } from "vitest";
import type { ProjectFile } from "../../src/adapters/index.js";
import { MemoryProjectFiles } from "../../src/memory/index.js";

const project = { userId: "7", projectId: "network" };

function subject(modes: boolean): ProjectWriteSubject {
  const source = new MemoryProjectFiles({ modes });
  source.setProject(project);
  const stored = async (): Promise<Map<string, string>> => {
    const session = await source.open(project);
    const found = new Map<string, string>();
    for (const directories = [""]; directories.length > 0; ) {
      for await (const entry of session.list(directories.shift() ?? "")) {
        if (entry.type === "directory") directories.push(entry.path);
        else found.set(entry.path, (await read(entry)).toString());
      }
    }
    return found;
  };
  const read = async (file: ProjectFile): Promise<Buffer> => {
    const session = await source.open(project);
    const pieces: Uint8Array[] = [];
    for await (const piece of (await session.read(file)).bytes) pieces.push(piece);
    return Buffer.concat(pieces);
  };
  const isInTheWay = (path: string, other: string): boolean =>
    other.startsWith(`${path}/`) || path.startsWith(`${other}/`);
  return {
    source,
    project,
    missing: { userId: "7", projectId: "Network" },
    modes: modes ? ["100644", "100755", "120000"] : [],
    async write(path, content, mode = "100644") {
      if ([...(await stored()).keys()].some((other) => isInTheWay(path, other)))
        throw new Error(`${path} cannot be created`);
      source.setFile(project, path, modes ? { content, mode } : content);
    },
    makeDirectory: (path) => source.makeDirectory(project, path),
    removeFile: (path) => void source.deleteFile(project, path),
    removeDirectory: (path) => source.deleteDirectory(project, path),
    async rename(from, to) {
      source.setFile(project, to, await read({ type: "file", path: from, size: 0, versionTag: null }));
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
