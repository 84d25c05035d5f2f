import type { ChangeSet } from "./commit-writer.js";

type Paths = Pick<ChangeSet, "writes" | "deletes">;

/** Returns true if a change set writes or deletes files below `.github/workflows/`, which need an additional permission. */
export function touchesWorkflows({ writes, deletes }: Paths): boolean {
  return changedPaths({ writes, deletes }).some(isWorkflow);
}

/** Returns all paths that a change set writes or deletes. */
export function changedPaths({ writes, deletes }: Paths): readonly string[] {
  return [...writes.map(({ path }) => path), ...deletes];
}

/** Returns true if a path is below `.github/workflows/`. */
export function isWorkflow(path: string): boolean {
  return path.startsWith(".github/workflows/");
}

/** Returns a path that the change turns from a file into a directory, or the reverse; `null` if there is none. */
export function changesPathKind(changeSet: Paths): string | null {
  return afterDeletes(changeSet).values().next().value ?? null;
}

/** Returns the paths that can be written only after the deletions: those below a deleted file, and those in place of a directory. */
export function afterDeletes({ writes, deletes }: Paths): ReadonlySet<string> {
  const deleted = new Set(deletes);
  const emptied = new Set(deletes.flatMap(directoriesOf));
  const waiting = writes.filter(
    ({ path }) => emptied.has(path) || directoriesOf(path).some((directory) => deleted.has(directory)),
  );
  return new Set(waiting.map(({ path }) => path));
}

/** Returns the directories above a path, the nearest first. */
function directoriesOf(path: string): string[] {
  const directories: string[] = [];
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1))
    directories.push(path.slice(0, end));
  return directories;
}
