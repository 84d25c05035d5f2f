import type { GitHubSdkStores } from "./adapters/stores.js";
import { MemoryConnectionStore } from "./memory/memory-connection-store.js";
import { MemoryInstallationStore } from "./memory/memory-installation-store.js";
import { MemorySyncRecordStore } from "./memory/memory-sync-record-store.js";

/** The features of an SDK that use stores. */
interface StoreUsers {
  readonly stores: GitHubSdkStores;
  readonly connections: object | null;
  readonly app: object | null;
}

/** Returns a warning about used stores that lose their content when the process ends; `null` when there are none. */
export function memoryStoreWarning({ stores, connections, app }: StoreUsers): string | null {
  const lost = [
    ...(stores.records instanceof MemorySyncRecordStore ? ["the history and the baselines of syncs"] : []),
    ...(connections !== null && stores.connections instanceof MemoryConnectionStore ? ["the users' connections"] : []),
    ...(app !== null && stores.installations instanceof MemoryInstallationStore ? ["the proofs of installations"] : []),
  ];
  if (lost.length === 0) return null;
  return `The SDK keeps data in memory, and NODE_ENV is production: ${lost.join(", ")} are lost when the process ends. Set the option \`stores\`, for example to those of @infrajet/github-prisma.`;
}
