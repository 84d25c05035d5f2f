import {
  type AuthenticatorSubject,
  authenticatorConformance,
  baselineStoreConformance,
  type ConformanceCase,
  connectionStoreConformance,
  createManualClock,
  deliveryStoreConformance,
  installationStoreConformance,
  jobRunnerConformance,
  linkStoreConformance,
  lockStoreConformance,
  type ProjectFilesSubject,
  projectFilesConformance,
  pubSubConformance,
  rateBudgetConformance,
  resolutionStoreConformance,
  type SubjectFactory,
  stateStoreConformance,
  syncChangesConformance,
  syncHistoryConformance,
  syncRecordStoreConformance,
  syncSchedulingConformance,
  tokenCacheConformance,
  tokenCipherConformance,
} from "@infrajet/github-testing/conformance";
import { describe, it } from "vitest";
import {
  MemoryAuthenticator,
  MemoryBaselineStore,
  MemoryConnectionStore,
  MemoryDeliveryStore,
  MemoryInstallationStore,
  MemoryJobRunner,
  MemoryLinkStore,
  MemoryLockStore,
  MemoryProjectFiles,
  MemoryPubSub,
  MemoryRateBudget,
  MemoryResolutionStore,
  MemoryStateStore,
  MemorySyncRecordStore,
  MemoryTokenCache,
  MemoryTokenCipher,
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

conforms(
  "MemorySyncRecordStore",
  [
    ...syncRecordStoreConformance,
    ...syncHistoryConformance,
    ...syncSchedulingConformance,

    ...syncChangesConformance,
  ],
  () => {
    const clock = createManualClock();
    return { store: new MemorySyncRecordStore([], clock), clock };
  },
);

conforms("MemoryBaselineStore", baselineStoreConformance, () => ({ store: new MemoryBaselineStore() }));

conforms("MemoryResolutionStore", resolutionStoreConformance, () => ({ store: new MemoryResolutionStore() }));

conforms("MemoryLinkStore", linkStoreConformance, () => ({ store: new MemoryLinkStore() }));

conforms("MemoryPubSub", pubSubConformance, () => ({ store: new MemoryPubSub() }));

conforms("MemoryRateBudget", rateBudgetConformance, () => {
  const clock = createManualClock();
  return { store: new MemoryRateBudget({ clock }), clock };
});

conforms("MemoryTokenCache", tokenCacheConformance, () => ({ store: new MemoryTokenCache() }));

conforms("MemoryJobRunner", jobRunnerConformance, () => {
  const clock = createManualClock();
  return { runner: new MemoryJobRunner({ concurrency: 3, clock }), concurrency: 3, clock };
});

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

conforms("MemoryConnectionStore", connectionStoreConformance, () => ({ store: new MemoryConnectionStore() }));

conforms("MemoryStateStore", stateStoreConformance, () => {
  const clock = createManualClock();
  return { store: new MemoryStateStore(clock), clock };
});

conforms("MemoryInstallationStore", installationStoreConformance, () => ({ store: new MemoryInstallationStore() }));

conforms("MemoryDeliveryStore", deliveryStoreConformance, () => {
  const clock = createManualClock();
  return { store: new MemoryDeliveryStore(clock), clock };
});

conforms("MemoryTokenCipher", tokenCipherConformance, () => {
  const cipher = new MemoryTokenCipher();
  const rotated = (): MemoryTokenCipher => {
    cipher.rotate();
    return cipher;
  };
  return { cipher, rotated, stranger: () => new MemoryTokenCipher() };
});

conforms(
  "MemoryAuthenticator",
  authenticatorConformance,
  (): AuthenticatorSubject => ({
    authenticator: new MemoryAuthenticator({ "token-of-7": { id: 7 }, "token-of-ada": { id: "ada" } }),
    users: [
      { token: "token-of-7", id: "7" },
      { token: "token-of-ada", id: "ada" },
    ],
  }),
);
