import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ProjectFiles } from "@infrajet/github/adapters";
import { folderProjectFiles } from "@infrajet/github/folder";
import { BoxedFiles, FOLDER, PROJECT } from "../boxed-files.js";

/** One project as a person sees it. */
export interface ProjectSide {
  /** Returns a source for one process. */
  open(): ProjectFiles;
  read(path: string): string | undefined;
  write(path: string, text: string): void;
  remove(path: string): void;
  /** Returns all files, with those that the SDK keeps or has not finished. */
  files(): Map<string, string>;
  close(): Promise<void>;
}

/** Makes an empty project in a folder. */
export function folderSide(): Promise<ProjectSide> {
  const root = mkdtempSync(join(tmpdir(), "infrajet-plays-"));
  const place = join(root, PROJECT.userId, PROJECT.projectId);
  mkdirSync(place, { recursive: true });
  const read = (path: string): string | undefined => {
    try {
      return readFileSync(join(place, path), "utf8");
    } catch {
      return undefined;
    }
  };
  return Promise.resolve({
    open: () => folderProjectFiles({ root }),
    read,
    write(path, text) {
      const file = join(place, path);
      mkdirSync(dirname(file), { recursive: true });
      // As editors do: a half-written file is never at its path.
      writeFileSync(join(root, "saved"), text);
      renameSync(join(root, "saved"), file);
    },
    remove: (path) => rmSync(join(place, path), { force: true }),
    files() {
      const entries = readdirSync(place, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      const paths = entries.map((entry) => join(entry.parentPath, entry.name).slice(place.length + 1));
      return new Map(paths.map((path) => [path, read(path) ?? ""]));
    },
    close: () => rm(root, { recursive: true, force: true }),
  });
}

/** Makes an empty project in a file share. */
export async function azureSide(): Promise<ProjectSide> {
  const boxed = await BoxedFiles.start();
  const read = (path: string): string | undefined => boxed.share.file(`${FOLDER}/${path}`)?.bytes.toString();
  return {
    open: () => boxed.files(),
    read,
    write: (path, text) => boxed.write(path, text),
    remove(path) {
      if (read(path) !== undefined) boxed.remove(path);
    },
    files: () =>
      new Map([...boxed.share.files()].map(([path, { bytes }]) => [path.slice(FOLDER.length + 1), bytes.toString()])),
    close: () => boxed.close(),
  };
}
