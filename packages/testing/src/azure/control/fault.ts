import { respondWithFault } from "../../box/fault-response.js";
import type { FaultRuleOf } from "../../box/faults.js";
import { knownError } from "../azure-error.js";
import { errorBody } from "../http/error-body.js";
import type { ResponseContext } from "../http/respond.js";
import { respond } from "../http/respond.js";

/** What a client sees instead of the true answer. */
export type AzureFaultResponse =
  /** An error with Azure's code: `ServerBusy`, `OperationTimedOut`, … The status is the code's, unless it is given. */
  | {
      code: string;
      status?: number;
      message?: string;
      /** Seconds, for `Retry-After`. */
      retryAfter?: number;
      headers?: Record<string, string>;
    }
  /** An answer that is not Azure's: a proxy's. */
  | { status: number; body?: string; headers?: Record<string, string> }
  /** The true answer, and the connection is cut after so many bytes of its body. */
  | { cutAfter: number }
  /** The connection is cut. */
  | "reset"
  /** No answer comes, ever. */
  | "hang";

/** A fault to inject. */
export interface AzureFaultRule extends Omit<FaultRuleOf<AzureFaultResponse>, "when"> {
  /** A decoded path below a share, or an expression for one. */
  path?: string | RegExp;
  /** `ListDirectoriesAndFiles`, `GetFile`, … */
  operation?: string;
  /** Instead of the effect (the default), or after it has happened (the lost answer). */
  when?: "before" | "after";
}

/** Does what a fault says that stands in place of an answer. `signals` end a request that hangs. */
export async function respondWithAzureFault(
  fault: Exclude<AzureFaultResponse, { cutAfter: number }>,
  context: ResponseContext,
  signals: readonly AbortSignal[],
): Promise<Response> {
  if (typeof fault === "string" || !("code" in fault)) return respondWithFault(fault, signals);
  const known = knownError(fault.code);
  const status = fault.status ?? known?.status ?? 500;
  const message = fault.message ?? known?.message ?? fault.code;
  return respond(
    {
      status,
      body: errorBody({ code: fault.code, message, ...context }),
      contentType: "application/xml",
      headers: {
        ...(fault.retryAfter === undefined ? {} : { "Retry-After": String(fault.retryAfter) }),
        ...fault.headers,
        "x-ms-error-code": fault.code,
      },
    },
    context,
  );
}
