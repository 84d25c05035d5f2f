import { realtimeCursorCases } from "./cases/realtime-cursors.js";
import { realtimeLinkCases } from "./cases/realtime-links.js";
import { realtimeSocketCases } from "./cases/realtime-sockets.js";
import { realtimeSyncCases } from "./cases/realtime-syncs.js";
import type { ContractCase } from "./contract-case.js";

/** The cases of the WebSocket contract, for hosts whose server supports upgrades. */
export const realtimeContract: readonly ContractCase[] = [
  ...realtimeSocketCases,
  ...realtimeSyncCases,
  ...realtimeCursorCases,
  ...realtimeLinkCases,
];
