import { randomUUID } from "node:crypto";
import { countBytes } from "../box/count-bytes.js";
import type { Account } from "./account.js";
import { authenticate } from "./auth/authenticate.js";
import { AzureError } from "./azure-error.js";
import { type AzureFaultResponse, respondWithAzureFault } from "./control/fault.js";
import { cutBody } from "./http/cut-body.js";
import { errorBody } from "./http/error-body.js";
import { type Location, locate } from "./http/location.js";
import { type Call, findOperation, type Operation } from "./http/operation.js";
import type { RecordedAzureRequest } from "./http/request-log.js";
import { type OperationResponse, type ResponseContext, respond } from "./http/respond.js";
import { keepsTrailingDots } from "./http/trailing-dots.js";
import { has, requestVersion } from "./http/version.js";
import { OPERATIONS } from "./operations/operation-table.js";
import { trimTrailingDots } from "./storage/names.js";

/** A request that the box is handling. */
interface PendingRequest {
  request: Request;
  url: URL;
  /** Absent when the URL does not name a resource. */
  location: Location | undefined;
  operation: Operation | undefined;
  record: RecordedAzureRequest;
  requestId: string;
}

/** Handles all requests to the box: records them, applies faults and runs the operation. */
export class AzureGateway {
  /** Aborted when the box closes. */
  readonly closing = new AbortController();

  constructor(private readonly account: Account) {}

  /**
   * Responds to a request.
   *
   * @throws ConnectionResetError when a fault resets the connection
   */
  async fetch(request: Request): Promise<Response> {
    const pending = this.begin(request);
    try {
      return countBytes(await this.pass(pending), pending.record);
    } finally {
      this.account.log.end();
    }
  }

  private begin(request: Request): PendingRequest {
    const url = new URL(request.url);
    const location = locateOrNothing(url, this.account.name);
    const operation =
      location === undefined ? undefined : findOperation(OPERATIONS, request.method, location, url.searchParams);
    const snapshot = url.searchParams.get("sharesnapshot");
    const record = this.account.log.begin({
      method: request.method,
      operation: operation?.name ?? "Unknown",
      share: location?.share ?? "",
      path: location?.segments.join("/") ?? url.pathname,
      url: request.url,
      ...(snapshot === null ? {} : { snapshot }),
    });
    return { request, url, location, operation, record, requestId: randomUUID() };
  }

  /** Applies latency, hooks and faults around the operation. */
  private async pass(pending: PendingRequest): Promise<Response> {
    const { record } = pending;
    const { faults, interventions } = this.account.control;
    await interventions.wait(record);
    await interventions.runBefore(record);
    const faultBefore = faults.take("before", record);
    const response =
      isCut(faultBefore) || faultBefore === undefined
        ? await this.effect(pending)
        : await this.fault(pending, faultBefore);
    note(record, response);
    await interventions.runAfter(record);
    const faultAfter = faults.take("after", record);
    const cut = isCut(faultBefore) ? faultBefore : isCut(faultAfter) ? faultAfter : undefined;
    if (cut !== undefined) return cutBody(response, cut.cutAfter);
    if (faultAfter === undefined || isCut(faultAfter)) return response;
    record.status = 0;
    await response.body?.cancel();
    const replaced = await this.fault(pending, faultAfter);
    note(record, replaced);
    return replaced;
  }

  private fault(pending: PendingRequest, fault: Exclude<AzureFaultResponse, { cutAfter: number }>): Promise<Response> {
    return respondWithAzureFault(fault, this.context(pending), [pending.request.signal, this.closing.signal]);
  }

  private async effect(pending: PendingRequest): Promise<Response> {
    const { request, url, location, operation } = pending;
    try {
      if (!this.account.control.throttling.take()) throw this.account.control.throttling.busy();
      if (location === undefined) throw new AzureError("InvalidUri");
      authenticate(this.account, request, location, operation);
      const version = requestVersion(request.headers, url.searchParams);
      if (operation === undefined) throw new AzureError("UnsupportedHttpVerb");
      if (operation.readsSnapshots !== true && url.searchParams.has("sharesnapshot")) {
        throw new AzureError("InvalidQueryParameterValue");
      }
      return respond(await operation.handler(this.call(pending, location, version)), this.context(pending));
    } catch (error) {
      if (!(error instanceof AzureError)) throw error;
      return respond(this.errorResponse(error, pending), this.context(pending, error));
    }
  }

  private call({ request, url, record }: PendingRequest, location: Location, version: string): Call {
    const keepsDots = keepsTrailingDots(request.headers, version);
    return {
      account: this.account,
      location,
      segments: keepsDots ? location.segments : trimTrailingDots(location.segments),
      query: url.searchParams,
      headers: request.headers,
      version,
      record,
      body: async (limit) => {
        if (Number(request.headers.get("content-length")) > limit) throw new AzureError("RequestBodyTooLarge");
        const bytes = new Uint8Array(await request.arrayBuffer());
        record.bytesIn = bytes.length;
        if (bytes.length > limit) throw new AzureError("RequestBodyTooLarge");
        return bytes;
      },
    };
  }

  private errorResponse(error: AzureError, pending: PendingRequest): OperationResponse {
    const { code, message, status, details } = error;
    const { requestId } = pending;
    const body = errorBody({ code, message, requestId, time: this.account.ticks.now, elements: details.elements });
    return { status, body, contentType: "application/xml", headers: { ...details.headers, "x-ms-error-code": code } };
  }

  /** Azure rejects unauthenticated requests before the service reads their version and client request ID. */
  private context({ request, url, requestId }: PendingRequest, error?: AzureError): ResponseContext {
    const { headers, method } = request;
    const time = this.account.ticks.now;
    const stated = headers.get("x-ms-version") ?? url.searchParams.get("sv") ?? undefined;
    if (error?.code === "AuthenticationFailed" || stated === undefined) return { method, requestId, time };
    const clientRequestId = headers.get("x-ms-client-request-id") ?? undefined;
    return {
      method,
      requestId,
      time,
      version: stated,
      clientRequestId: has(stated, "clientRequestId") ? clientRequestId : undefined,
    };
  }
}

function locateOrNothing(url: URL, account: string): Location | undefined {
  try {
    return locate(url, account);
  } catch (error) {
    if (error instanceof AzureError) return undefined;
    throw error;
  }
}

function isCut(fault: AzureFaultResponse | undefined): fault is { cutAfter: number } {
  return typeof fault === "object" && "cutAfter" in fault;
}

function note(record: RecordedAzureRequest, response: Response): void {
  record.status = response.status;
  const code = response.headers.get("x-ms-error-code");
  if (code !== null) record.errorCode = code;
}
