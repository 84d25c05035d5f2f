import { AzureError } from "../azure-error.js";
import { checkPath } from "./names.js";
import type { StoredDirectory, StoredFile } from "./stored-item.js";

/**
 * Returns the item at a path, the root for an empty path, or `undefined` when only the last name does not exist.
 *
 * @throws AzureError for an invalid path, or `ParentNotFound`
 */
export function lookUp(root: StoredDirectory, segments: readonly string[]): StoredFile | StoredDirectory | undefined {
  checkPath(segments);
  const name = segments.at(-1);
  return name === undefined ? root : directoryOf(root, segments).find(name);
}

/**
 * Returns the parent directory of a path.
 *
 * @throws AzureError `ParentNotFound`
 */
export function directoryOf(root: StoredDirectory, segments: readonly string[]): StoredDirectory {
  let directory = root;
  for (const segment of segments.slice(0, -1)) {
    const next = directory.find(segment);
    if (next?.kind !== "directory") throw new AzureError("ParentNotFound");
    directory = next;
  }
  return directory;
}

/**
 * Returns the file at a path.
 *
 * @throws AzureError `ResourceNotFound`, `ResourceTypeMismatch` or `ParentNotFound`
 */
export function fileAt(root: StoredDirectory, segments: readonly string[]): StoredFile {
  const item = lookUp(root, segments);
  if (item === undefined) throw new AzureError("ResourceNotFound");
  if (item.kind !== "file") throw new AzureError("ResourceTypeMismatch");
  return item;
}

/**
 * Returns the directory at a path.
 *
 * @throws AzureError `ResourceNotFound`, `ResourceTypeMismatch` or `ParentNotFound`
 */
export function directoryAt(root: StoredDirectory, segments: readonly string[]): StoredDirectory {
  const item = lookUp(root, segments);
  if (item === undefined) throw new AzureError("ResourceNotFound");
  if (item.kind !== "directory") throw new AzureError("ResourceTypeMismatch");
  return item;
}

/** Returns the path of an item below the root, in its original case. */
export function pathOf(item: StoredFile | StoredDirectory): string {
  const names: string[] = [];
  for (let at: typeof item | undefined = item; at?.parent !== undefined; at = at.parent) names.unshift(at.name);
  return names.join("/");
}

/** Yields all files below a directory with their paths, in the order of listings. */
export function* walk(directory: StoredDirectory, path = ""): Generator<[path: string, file: StoredFile]> {
  for (const item of directory.from("")) {
    const itemPath = `${path}${item.name}`;
    if (item.kind === "directory") yield* walk(item, `${itemPath}/`);
    else yield [itemPath, item];
  }
}
