import type { ProjectFiles, ProjectFilesSession } from "@infrajet/github/adapters";

/** A source of project files that counts reads. */
export interface CountedProjectFiles extends ProjectFiles {
  /** The number of reads so far. A file that was read twice counts twice. */
  readonly reads: number;
}

/** Wraps a source and counts the files that are read from it. */
export function countReads(source: ProjectFiles): CountedProjectFiles {
  let reads = 0;
  const counted = (session: ProjectFilesSession): ProjectFilesSession => ({
    list: (directory, options) => session.list(directory, options),
    read: (file, options) => {
      reads += 1;
      return session.read(file, options);
    },
    close: () => session.close(),
  });
  return {
    get reads() {
      return reads;
    },
    open: async (project, options) => counted(await source.open(project, options)),
    ...(source.openToWrite === undefined ? {} : { openToWrite: source.openToWrite.bind(source) }),
  };
}
