import type { FaultResponse, FaultRuleOf } from "../../box/faults.js";

/** A fault to inject. */
export interface FaultRule extends FaultRuleOf<FaultResponse> {
  /** A route's template, an encoded path, or a regular expression for the path. */
  path?: string | RegExp;
  /** A root field of a GraphQL query or mutation. */
  operation?: string;
}
