/** A request that the box received. */
export interface AzureRequestInfo {
  /** Position of the request since the counters were reset, from 0. */
  index: number;
  method: string;
  /** Name of the operation, such as `ListDirectoriesAndFiles` or `GetFile`; `Unknown` for an unsupported request. */
  operation: string;
  /** Empty for requests to the account. */
  share: string;
  /** Decoded path below the share, such as `user/project/main.tf`; empty for the share and its root. */
  path: string;
  url: string;
  /** ID of the snapshot that the request reads. */
  snapshot?: string;
}

/** A request and its outcome. */
export interface RecordedAzureRequest extends AzureRequestInfo {
  /** 0 while the request is in progress and when the connection was reset. */
  status: number;
  /** Azure's error code, if the request failed. */
  errorCode?: string;
  bytesIn: number;
  bytesOut: number;
}

/** All requests since the counters were reset. */
export class AzureRequestLog {
  readonly requests: RecordedAzureRequest[] = [];
  /** The largest number of requests that were handled at the same time. */
  mostAtOnce = 0;
  private running = 0;

  /** Records a request that begins. */
  begin(info: Omit<AzureRequestInfo, "index">): RecordedAzureRequest {
    const request = { index: this.requests.length, ...info, status: 0, bytesIn: 0, bytesOut: 0 };
    this.requests.push(request);
    this.running += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.running);
    return request;
  }

  /** Notes that a request has ended, with or without a response. */
  end(): void {
    this.running -= 1;
  }

  /** Counts requests: all of them, or those of an operation or a path. */
  count(which?: string): number {
    if (which === undefined) return this.requests.length;
    return this.requests.filter(({ operation, path }) => operation === which || path === which).length;
  }

  /** Clears the recorded requests. */
  reset(): void {
    this.requests.length = 0;
    this.mostAtOnce = this.running;
  }
}
