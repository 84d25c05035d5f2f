export type { ContractCase } from "./contract-case.js";
export type { ContractSubject, HostFactory, HostKind } from "./contract-subject.js";
export {
  type ContractWorld,
  createContractWorld,
  type HostParts,
  type MountHost,
  type RunningHost,
} from "./contract-world.js";
export { httpContract } from "./http-contract.js";
