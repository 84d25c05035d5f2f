import { Faults } from "../../box/faults.js";
import { type HookOf, Interventions, type LatencyOf } from "../../box/interventions.js";
import type { AzureRequestInfo, RecordedAzureRequest } from "../http/request-log.js";
import type { AzureFaultResponse, AzureFaultRule } from "./fault.js";
import { type Throttle, ThrottleWindow } from "./throttle.js";

/** Runs between the pieces of a file's content that is being sent; `sent` bytes have left already. */
export type ReadHook = (request: AzureRequestInfo, sent: number) => void | Promise<void>;

/** Everything a test may do to the box besides using it. */
export class AzureControl {
  readonly faults = new Faults<AzureFaultResponse>();
  readonly interventions = new Interventions<AzureRequestInfo, RecordedAzureRequest>();
  readonly throttling: ThrottleWindow;
  /** Bytes of a file's content that are sent at a time. */
  pieceBytes = 256 * 1024;
  private readonly readHooks = new Set<ReadHook>();

  constructor(clock: () => number) {
    this.throttling = new ThrottleWindow(clock);
  }

  /** Makes every request wait: milliseconds, or a function of the request. */
  latency(delay: LatencyOf<AzureRequestInfo>): void {
    this.interventions.delay = delay;
  }

  /** Injects a fault. Returns a function that takes it away. */
  fault({ when = "before", ...rule }: AzureFaultRule): () => void {
    return this.faults.add({ ...rule, when });
  }

  /** Answers 503 `ServerBusy` to what is more than this, or no longer. */
  throttle(limit: Throttle | undefined): void {
    this.throttling.limit = limit;
  }

  /** Runs `hook` before each request takes effect. Returns a function that takes it away. */
  beforeRequest(hook: HookOf<AzureRequestInfo>): () => void {
    return this.interventions.addBefore(hook);
  }

  /** Runs `hook` after each request has taken effect. Returns a function that takes it away. */
  afterRequest(hook: HookOf<RecordedAzureRequest>): () => void {
    return this.interventions.addAfter(hook);
  }

  /**
   * Runs `hook` before each piece of a file's content is sent, of so many bytes (default 256 KiB). What it writes to the file
   * is seen by the pieces that follow: Azure does not isolate a reader from writers. Returns a function that takes it away.
   */
  duringRead(hook: ReadHook, pieceBytes = this.pieceBytes): () => void {
    this.pieceBytes = pieceBytes;
    this.readHooks.add(hook);
    return () => this.readHooks.delete(hook);
  }

  /** Runs the hooks that watch a file being sent, one after the other. */
  async runDuringRead(request: AzureRequestInfo, sent: number): Promise<void> {
    for (const hook of [...this.readHooks]) await hook(request, sent);
  }
}
