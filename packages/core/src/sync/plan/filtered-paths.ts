import type { ObjectId } from "../../domain/repository.js";
import { joinPath, parentPath } from "../../git/path.js";
import { ATTRIBUTES_FILE, FilterAttributes } from "../project/filter-attributes.js";
import type { LocalProject } from "../project/local-project.js";
import type { PlannedChange, SyncPlan } from "./plan.js";
import type { RemoteBranch } from "./remote-branch.js";

/** The two sides of a sync. */
export interface FilterSources {
  readonly local: Pick<LocalProject, "files" | "bytes" | "content">;
  readonly remote: Pick<RemoteBranch, "entries">;
  /** Reads a blob of the branch; `null` when it is missing. */
  readonly blob: (oid: ObjectId) => Promise<Uint8Array | null>;
  readonly signal: AbortSignal;
}

// Larger attribute files are not evaluated: they only add information to a plan.
const MAX_FILE_BYTES = 64 * 1024;
const MAX_FILES = 100;
const POINTER_START = "version https://git-lfs.github.com/spec/";
const MAX_POINTER_BYTES = 1024;

/**
 * Returns the paths of a plan that `.gitattributes` files assign to a filter, such as Git LFS, and that the commit contains
 * unfiltered. Files that already are LFS pointers are not returned. Attribute files above the synced directory are not read.
 */
export async function filteredPaths({ changes }: Pick<SyncPlan, "changes">, sources: FilterSources): Promise<string[]> {
  const written = changes.filter(({ mode }) => mode === "100644" || mode === "100755");
  const attributes = await readAttributes(written, sources);
  if (attributes === null) return [];
  const filtered: string[] = [];
  for (const change of written) {
    const filter = await attributes.filterOf(change.path, sources.signal);
    if (filter !== null && !(await isPointer(change, sources))) filtered.push(change.path);
  }
  return filtered;
}

/** Reads the attribute files above the paths, the project's version first; `null` when there are none. */
async function readAttributes(
  changes: readonly PlannedChange[],
  sources: FilterSources,
): Promise<FilterAttributes | null> {
  const directories = new Set(changes.flatMap(({ path }) => parentsOf(path)));
  const existing = [...directories].filter((directory) => {
    const path = joinPath(directory, ATTRIBUTES_FILE);
    return sources.local.files.has(path) || sources.remote.entries.has(path);
  });
  if (existing.length === 0) return null;
  const attributes = new FilterAttributes();
  // Parents are shorter than the directories below them.
  for (const directory of existing.sort((left, right) => left.length - right.length).slice(0, MAX_FILES)) {
    const bytes = await readFile(joinPath(directory, ATTRIBUTES_FILE), sources);
    if (bytes !== null && bytes.length <= MAX_FILE_BYTES) {
      await attributes.add(directory, Buffer.from(bytes).toString("utf8"), sources.signal);
    }
  }
  return attributes;
}

async function readFile(path: string, { local, remote, blob }: FilterSources): Promise<Uint8Array | null> {
  const file = local.files.get(path);
  if (file !== undefined) return file.size <= MAX_FILE_BYTES && file.mode !== "120000" ? local.bytes(file) : null;
  const entry = remote.entries.get(path);
  return entry?.mode === "100644" ? blob(entry.oid) : null;
}

async function isPointer({ oid, size }: PlannedChange, { local }: FilterSources): Promise<boolean> {
  if (oid === null || size > MAX_POINTER_BYTES) return false;
  return Buffer.from(await local.content(oid))
    .toString("latin1")
    .startsWith(POINTER_START);
}

function parentsOf(path: string): string[] {
  const parents: string[] = [];
  for (let directory = parentPath(path); ; directory = parentPath(directory)) {
    parents.push(directory);
    if (directory === "") return parents;
  }
}
