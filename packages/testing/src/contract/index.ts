export type { ContractCase } from "./contract-case.js";
export {
  type ContractFixture,
  createContractFixture,
  type HostParts,
  type MountHost,
  type RunningHost,
} from "./contract-fixture.js";
export type { ContractSubject, HostFactory, HostKind } from "./contract-subject.js";
export { type HeavyRequestOptions, heavyRequestCase } from "./heavy-request-case.js";
export { httpContract } from "./http-contract.js";
export { realtimeContract } from "./realtime-contract.js";
