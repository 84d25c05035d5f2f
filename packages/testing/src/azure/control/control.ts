import { Faults } from "../../box/faults.js";
import { type HookOf, Interventions, type LatencyOf } from "../../box/interventions.js";
import type { AzureRequestInfo, RecordedAzureRequest } from "../http/request-log.js";
import type { AzureFaultResponse, AzureFaultRule } from "./fault.js";
import { type Throttle, ThrottleWindow } from "./throttle.js";

/** A function that runs before each chunk of a file is sent; `sent` is the number of bytes sent before it. */
export type ReadHook = (request: AzureRequestInfo, sent: number) => void | Promise<void>;

/** Changes how the box responds: faults, hooks, latency and throttling. */
export class AzureControl {
  readonly faults = new Faults<AzureFaultResponse>();
  readonly interventions = new Interventions<AzureRequestInfo, RecordedAzureRequest>();
  readonly throttling: ThrottleWindow;
  /** Size in bytes of the chunks that a file is sent in. */
  pieceBytes = 256 * 1024;
  private readonly readHooks = new Set<ReadHook>();

  constructor(clock: () => number) {
    this.throttling = new ThrottleWindow(clock);
  }

  /** Delays every request by milliseconds, or by the result of a function of the request. */
  latency(delay: LatencyOf<AzureRequestInfo>): void {
    this.interventions.delay = delay;
  }

  /** Injects a fault. Returns a function that removes it. */
  fault({ when = "before", ...rule }: AzureFaultRule): () => void {
    return this.faults.add({ ...rule, when });
  }

  /** Responds with 503 `ServerBusy` to requests beyond a limit; `undefined` removes the limit. */
  throttle(limit: Throttle | undefined): void {
    this.throttling.limit = limit;
  }

  /** Runs `hook` before each request takes effect. Returns a function that removes it. */
  beforeRequest(hook: HookOf<AzureRequestInfo>): () => void {
    return this.interventions.addBefore(hook);
  }

  /** Runs `hook` after each request has taken effect. Returns a function that removes it. */
  afterRequest(hook: HookOf<RecordedAzureRequest>): () => void {
    return this.interventions.addAfter(hook);
  }

  /**
   * Runs `hook` before each chunk of a file is sent. Its writes to the file appear in the chunks that follow, because Azure does
   * not isolate readers from writers.
   *
   * @param pieceBytes size of a chunk in bytes; defaults to 256 KiB
   * @returns a function that removes the hook
   */
  duringRead(hook: ReadHook, pieceBytes = this.pieceBytes): () => void {
    this.pieceBytes = pieceBytes;
    this.readHooks.add(hook);
    return () => this.readHooks.delete(hook);
  }

  /** Runs the hooks of {@link duringRead}, one after the other. */
  async runDuringRead(request: AzureRequestInfo, sent: number): Promise<void> {
    for (const hook of [...this.readHooks]) await hook(request, sent);
  }
}
