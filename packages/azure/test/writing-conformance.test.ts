import { type ProjectWriteSubject, projectWriteConformance } from "@infrajet/github-testing/conformance";
import { describe, it } from "vitest";
import { BoxedFiles, FOLDER, PROJECT } from "./boxed-files.js";

async function subject(): Promise<ProjectWriteSubject> {
  const boxed = await BoxedFiles.start();
  let isBusy = false;
  let before: Parameters<ProjectWriteSubject["beforeStep"]>[0] = null;
  boxed.box.control.beforeRequest(async () => {
    if (before === null || isBusy) return;
    isBusy = true;
    try {
      await before();
    } catch {
      // The request does not reach Azure.
      boxed.box.control.fault({ respond: { code: "InternalError" } });
    } finally {
      isBusy = false;
    }
  });
  const paths = (): [path: string, leased: boolean][] =>
    [...boxed.share.files()].map(([path, { leased }]) => [path.slice(FOLDER.length + 1), leased]);
  /** Azure refuses the writes of other clients to a file with a lease. */
  const assertFree = (path: string): void => {
    const isLeased = paths().some(([other, leased]) => leased && (other === path || other.startsWith(`${path}/`)));
    if (isLeased) throw new Error(`${path} has a lease`);
  };
  const read = (path: string): Buffer => {
    const file = boxed.share.file(`${FOLDER}/${path}`);
    if (file === undefined) throw new Error(`${path} does not exist`);
    return file.bytes;
  };
  return {
    source: boxed.files({ maxTries: 1 }),
    project: PROJECT,
    missing: { ...PROJECT, projectId: "other" },
    modes: [],
    write(path, content) {
      assertFree(path);
      boxed.write(path, Buffer.from(content));
    },
    makeDirectory: (path) => boxed.share.mkdir(`${FOLDER}/${path}`),
    removeFile(path) {
      assertFree(path);
      boxed.remove(path);
    },
    removeDirectory(path) {
      assertFree(path);
      boxed.remove(path);
    },
    rename(from, to) {
      assertFree(from);
      boxed.write(to, read(from));
      boxed.remove(from);
    },
    beforeStep(action) {
      before = action;
    },
    stored: () =>
      new Map(paths().map(([path, leased]) => [leased ? `${path} (locked)` : path, read(path).toString()] as const)),
    dispose: () => boxed.close(),
  };
}

describe("azureProjectFiles.openToWrite", () => {
  for (const { name, run } of projectWriteConformance) it(name, () => run(subject), 60_000);
});
