import type { FaultResponse } from "./faults.js";

/** Thrown by the box's `fetch` when a fault resets the connection. Looks like a `fetch` that failed with `ECONNRESET`. */
export class ConnectionResetError extends TypeError {
  override readonly name = "ConnectionResetError";
  override readonly cause = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });

  constructor() {
    super("fetch failed");
  }
}

/** Responds as a fault specifies. A request that hangs ends when one of `signals` is aborted. */
export async function respondWithFault(fault: FaultResponse, signals: readonly AbortSignal[]): Promise<Response> {
  if (fault === "reset") throw new ConnectionResetError();
  if (fault === "hang") {
    await untilAborted(signals);
    throw new ConnectionResetError();
  }
  const body = fault.body === undefined || typeof fault.body === "string" ? fault.body : JSON.stringify(fault.body);
  const headers = new Headers(fault.headers);
  if (body !== undefined && !headers.has("content-type")) {
    headers.set("Content-Type", typeof fault.body === "string" ? "text/html" : "application/json; charset=utf-8");
  }
  return new Response(body ?? null, { status: fault.status, headers });
}

function untilAborted(signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of signals) {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
    }
  });
}
