import { respondWithFault } from "../../box/fault-response.js";
import type { FaultRuleOf } from "../../box/faults.js";
import { knownError } from "../azure-error.js";
import { errorBody } from "../http/error-body.js";
import type { ResponseContext } from "../http/respond.js";
import { respond } from "../http/respond.js";

/** The response that a client gets instead of the real one. */
export type AzureFaultResponse =
  /** An error with one of Azure's codes, such as `ServerBusy` or `OperationTimedOut`. */
  | {
      code: string;
      /** Defaults to the status of the code. */
      status?: number;
      message?: string;
      /** Value of `Retry-After` in seconds. */
      retryAfter?: number;
      headers?: Record<string, string>;
    }
  /** A response that does not come from Azure, for example from a proxy. */
  | { status: number; body?: string; headers?: Record<string, string> }
  /** The real response, but the connection is closed after so many bytes of its body. */
  | { cutAfter: number }
  /** Resets the connection. */
  | "reset"
  /** Never responds. */
  | "hang";

/** A fault to inject. */
export interface AzureFaultRule extends Omit<FaultRuleOf<AzureFaultResponse>, "when"> {
  /** A decoded path below a share, or a regular expression for it. */
  path?: string | RegExp;
  /** Name of the operation, such as `GetFile`. */
  operation?: string;
  /** `before` replaces the effect; `after` lets it happen and loses the response. Defaults to `before`. */
  when?: "before" | "after";
}

/** Responds as a fault specifies. A request that hangs ends when one of `signals` is aborted. */
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
