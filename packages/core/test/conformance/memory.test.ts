import {
  baselineStoreConformance,
  type ConformanceCase,
  createManualClock,
  jobRunnerConformance,
  lockStoreConformance,
  type ProjectFilesSubject,
  projectFilesConformance,
  pubSubConformance,
  type SubjectFactory,
  syncHistoryConformance,
  syncRecordStoreConformance,
} from "@infrajet/github-testing/conformance";
import { describe, it } from "vitest";
import {
  MemoryBaselineStore,
  MemoryJobRunner,
  MemoryLockStore,
  MemoryProjectFiles,
  MemoryPubSub,
  MemorySyncRecordStore,
} from "../../src/memory/index.js";

function conforms<Subject>(
  name: string,
  cases: readonly ConformanceCase<Subject>[],
  factory: SubjectFactory<Subject>,
): void {
  describe(name, () => {
    for (const { name, run } of cases) it(name, () => run(factory));
  });
}

conforms("MemoryLockStore", lockStoreConformance, () => {
  const clock = createManualClock();
  return { store: new MemoryLockStore(clock), clock };
});

conforms("MemorySyncRecordStore", [...syncRecordStoreConformance, ...syncHistoryConformance], () => ({
  store: new MemorySyncRecordStore(),
}));

conforms("MemoryBaselineStore", baselineStoreConformance, () => ({ store: new MemoryBaselineStore() }));

conforms("MemoryPubSub", pubSubConformance, () => ({ store: new MemoryPubSub() }));

conforms("MemoryJobRunner", jobRunnerConformance, () => ({
  runner: new MemoryJobRunner({ concurrency: 3 }),
  concurrency: 3,
}));

conforms("MemoryProjectFiles", projectFilesConformance, (): ProjectFilesSubject => {
  const source = new MemoryProjectFiles();
  const project = { userId: "7", projectId: "network" };
  source.setProject(project);
  return {
    source,
    project,
    missing: { userId: "7", projectId: "Network" },
    modes: ["100644", "100755", "120000"],
    write: (path, content, mode) => source.setFile(project, path, { content, ...(mode === undefined ? {} : { mode }) }),
    makeDirectory: (path) => source.makeDirectory(project, path),
    removeFile: (path) => void source.deleteFile(project, path),
    removeDirectory: (path) => source.deleteDirectory(project, path),
  };
});
