import type { ChangeSet } from "./commit-writer.js";

type Paths = Pick<ChangeSet, "writes" | "deletes">;

/** Whether a change set writes or deletes something below `.github/workflows/`, for which GitHub wants a further permission. */
export function touchesWorkflows({ writes, deletes }: Paths): boolean {
  return [...writes.map(({ path }) => path), ...deletes].some(isWorkflow);
}

/** Whether a path lies below `.github/workflows/`. */
export function isWorkflow(path: string): boolean {
  return path.startsWith(".github/workflows/");
}

/** A path that is a file before and a folder after the change, or the reverse; `null` when there is none. */
export function changesPathKind(changeSet: Paths): string | null {
  return afterDeletes(changeSet).values().next().value ?? null;
}

/** The paths that can only be written once what is deleted is gone: those below a deleted file, and those in place of a folder. */
export function afterDeletes({ writes, deletes }: Paths): ReadonlySet<string> {
  const deleted = new Set(deletes);
  const emptied = new Set(deletes.flatMap(foldersOf));
  const waiting = writes.filter(
    ({ path }) => emptied.has(path) || foldersOf(path).some((folder) => deleted.has(folder)),
  );
  return new Set(waiting.map(({ path }) => path));
}

/** The folders that a path lies in, the nearest first. */
function foldersOf(path: string): string[] {
  const folders: string[] = [];
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) folders.push(path.slice(0, end));
  return folders;
}
