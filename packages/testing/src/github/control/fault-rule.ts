import type { FaultResponse, FaultRuleOf } from "../../box/faults.js";

/** A fault to inject. */
export interface FaultRule extends FaultRuleOf<FaultResponse> {
  /** A route's template, a path as it is sent, or an expression for such a path. */
  path?: string | RegExp;
  /** A GraphQL mutation or query field. */
  operation?: string;
}
