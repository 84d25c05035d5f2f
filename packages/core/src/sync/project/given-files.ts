import type { ProjectFiles } from "../../adapters/project-files.js";
import { defined } from "../../defined.js";
import type { FileMode, GivenFile, ProjectEntry, ProjectFile } from "../../domain/project-file.js";
import { GitHubSdkError } from "../../errors.js";

/** Serves files by path as a source of project files. Every project has the same files. */
export function givenFiles(files: ReadonlyMap<string, GivenFile>): ProjectFiles {
  const listed = Array.from(files, ([path, { content, mode }]) => file(path, content.byteLength, mode));
  const children = filesByDirectory(listed);
  return {
    open: async () => ({
      async *list(directory) {
        yield* children.get(directory)?.values() ?? [];
      },
      async read(file) {
        const given = files.get(file.path);
        if (given === undefined)
          throw new GitHubSdkError("source_changed", `"${file.path}" is not among the files of the call.`);
        return { versionTag: null, bytes: bytesOf(given) };
      },
      async close() {},
    }),
  };
}

async function* bytesOf({ content }: GivenFile): AsyncGenerator<Uint8Array> {
  yield content;
}

/** Returns the children of each directory by its path; the project's root is `""`. */
export function filesByDirectory(files: readonly ProjectFile[]): ReadonlyMap<string, Map<string, ProjectEntry>> {
  const children = new Map<string, Map<string, ProjectEntry>>();
  const add = (directory: string, entry: ProjectEntry): void => {
    const siblings = children.get(directory) ?? new Map<string, ProjectEntry>();
    siblings.set(entry.path, entry);
    children.set(directory, siblings);
  };
  for (const listed of files) {
    const { path } = listed;
    let below: ProjectEntry = listed;
    for (let slash = path.lastIndexOf("/"); slash > 0; slash = path.lastIndexOf("/", slash - 1)) {
      add(path.slice(0, slash), below);
      below = { type: "directory", path: path.slice(0, slash) };
    }
    add("", below);
  }
  return children;
}

function file(path: string, size: number, mode: FileMode | null): ProjectFile {
  return { type: "file", path, size, versionTag: null, ...defined({ mode: mode ?? undefined }) };
}
