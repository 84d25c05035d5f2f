import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";

/**
 * Compares two folders byte for byte, executable bits and links included, and tells every difference in words. A `.git`
 * folder is not looked at.
 *
 * @param leftOut paths of the first folder that the second must not have
 * @param additional paths that only the second has to have
 */
export async function folderDifferences(
  first: string,
  second: string,
  {
    leftOut = [],
    additional = [],
  }: { readonly leftOut?: readonly string[]; readonly additional?: readonly string[] } = {},
): Promise<string[]> {
  const left = await readFolder(first);
  const right = await readFolder(second);
  const differences: string[] = [];
  for (const path of leftOut) {
    if (!left.has(path)) differences.push(`${path} should be in ${first}`);
    left.delete(path);
  }
  for (const path of additional) {
    if (!right.has(path)) differences.push(`${path} should be in ${second}`);
    right.delete(path);
  }
  for (const [path, file] of left) {
    const other = right.get(path);
    if (other === undefined) differences.push(`${path} is missing in ${second}`);
    else if (other.mode !== file.mode) differences.push(`${path} is ${other.mode} instead of ${file.mode}`);
    else if (!other.content.equals(file.content)) differences.push(`${path} has another content`);
  }
  for (const path of right.keys()) if (!left.has(path)) differences.push(`${path} should not be in ${second}`);
  return differences;
}

/** The files of a folder by path, segments parted by `/`. */
export async function readFolder(folder: string): Promise<Map<string, FolderFile>> {
  const files = new Map<string, FolderFile>();
  const enter = async (directory: string): Promise<void> => {
    for (const name of (await readdir(join(folder, directory))).sort()) {
      const path = directory === "" ? name : `${directory}/${name}`;
      const stats = await lstat(join(folder, path));
      if (!stats.isDirectory()) files.set(path, await readEntry(join(folder, path), stats));
      else if (path !== ".git") await enter(path);
    }
  };
  await enter("");
  return files;
}

/** A file as git would keep it. */
export interface FolderFile {
  readonly mode: "plain" | "executable" | "link";
  /** Of a link: its target. */
  readonly content: Buffer;
}

async function readEntry(
  file: string,
  stats: { readonly mode: number; isSymbolicLink(): boolean },
): Promise<FolderFile> {
  if (stats.isSymbolicLink()) return { mode: "link", content: await readlink(file, { encoding: "buffer" }) };
  // Windows has no executable bit.
  const isExecutable = process.platform !== "win32" && (stats.mode & 0o100) !== 0;
  return { mode: isExecutable ? "executable" : "plain", content: await readFile(file) };
}
