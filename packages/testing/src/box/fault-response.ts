import type { FaultResponse } from "./faults.js";

/** Thrown by the box's `fetch` where GitHub would cut the connection; looks like a failed `fetch`. */
export class ConnectionResetError extends TypeError {
  override readonly name = "ConnectionResetError";
  override readonly cause = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });

  constructor() {
    super("fetch failed");
  }
}

/** Does what a fault says. `signals` end a request that hangs. */
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
