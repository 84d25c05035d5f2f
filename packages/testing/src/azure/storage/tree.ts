import { AzureError } from "../azure-error.js";
import { checkPath } from "./names.js";
import type { StoredDirectory, StoredFile } from "./stored-item.js";

/** The item at a path below a root; the root itself for no path. Throws Azure's 400 and 404s, undefined where only the last name is missing. */
export function lookUp(root: StoredDirectory, segments: readonly string[]): StoredFile | StoredDirectory | undefined {
  checkPath(segments);
  const name = segments.at(-1);
  return name === undefined ? root : directoryOf(root, segments).find(name);
}

/** The directory that a path's last name is in. Throws `ParentNotFound`. */
export function directoryOf(root: StoredDirectory, segments: readonly string[]): StoredDirectory {
  let directory = root;
  for (const segment of segments.slice(0, -1)) {
    const next = directory.find(segment);
    if (next?.kind !== "directory") throw new AzureError("ParentNotFound");
    directory = next;
  }
  return directory;
}

/** The file at a path. */
export function fileAt(root: StoredDirectory, segments: readonly string[]): StoredFile {
  const item = lookUp(root, segments);
  if (item === undefined) throw new AzureError("ResourceNotFound");
  if (item.kind !== "file") throw new AzureError("ResourceTypeMismatch");
  return item;
}

/** The directory at a path. */
export function directoryAt(root: StoredDirectory, segments: readonly string[]): StoredDirectory {
  const item = lookUp(root, segments);
  if (item === undefined) throw new AzureError("ResourceNotFound");
  if (item.kind !== "directory") throw new AzureError("ResourceTypeMismatch");
  return item;
}

/** Its path below the root, names as they were given. */
export function pathOf(item: StoredFile | StoredDirectory): string {
  const names: string[] = [];
  for (let at: typeof item | undefined = item; at?.parent !== undefined; at = at.parent) names.unshift(at.name);
  return names.join("/");
}

/** Every file below a directory with its path, in the order of listings. */
export function* walk(directory: StoredDirectory, path = ""): Generator<[path: string, file: StoredFile]> {
  for (const item of directory.from("")) {
    const itemPath = `${path}${item.name}`;
    if (item.kind === "directory") yield* walk(item, `${itemPath}/`);
    else yield [itemPath, item];
  }
}
