import { realtimeSocketCases } from "./cases/realtime-sockets.js";
import { realtimeSyncCases } from "./cases/realtime-syncs.js";
import type { ContractCase } from "./contract-case.js";

/** Everything that the WebSocket of a host promises, for hosts whose framework upgrades connections. */
export const realtimeContract: readonly ContractCase[] = [...realtimeSocketCases, ...realtimeSyncCases];
