/** A request that the box received, as hooks see it before it is answered. */
export interface AzureRequestInfo {
  /** 0 for the first request of the box, or since the counters were reset. */
  index: number;
  method: string;
  /** What it does, by the title of its page in Azure's reference: `ListDirectoriesAndFiles`, `GetFile`; `Unknown` for what the box does not answer. */
  operation: string;
  /** Empty for requests about the account. */
  share: string;
  /** Decoded path below the share: `user/project/main.tf`; empty for the share and its root. */
  path: string;
  url: string;
  /** The snapshot that is read. */
  snapshot?: string;
}

/** A request and how it ended. */
export interface RecordedAzureRequest extends AzureRequestInfo {
  /** 0 while it runs, and when the connection was cut. */
  status: number;
  /** Azure's code, where it ended in one. */
  errorCode?: string;
  bytesIn: number;
  bytesOut: number;
}

/** Every request since the counters were reset. */
export class AzureRequestLog {
  readonly requests: RecordedAzureRequest[] = [];
  /** The most requests that were there at the same time. */
  mostAtOnce = 0;
  private running = 0;

  begin(info: Omit<AzureRequestInfo, "index">): RecordedAzureRequest {
    const request = { index: this.requests.length, ...info, status: 0, bytesIn: 0, bytesOut: 0 };
    this.requests.push(request);
    this.running += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.running);
    return request;
  }

  /** Its answer is ready, or there is none. */
  end(): void {
    this.running -= 1;
  }

  /** How many there were; of one operation or path when it is named. */
  count(which?: string): number {
    if (which === undefined) return this.requests.length;
    return this.requests.filter(({ operation, path }) => operation === which || path === which).length;
  }

  reset(): void {
    this.requests.length = 0;
    this.mostAtOnce = this.running;
  }
}
