export type { ContractCase } from "./contract-case.js";
export type { ContractSubject, HostFactory, HostKind } from "./contract-subject.js";
export { httpContract } from "./http-contract.js";
