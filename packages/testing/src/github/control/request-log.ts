/** A request that the box received. */
export interface RequestInfo {
  /** Position of the request since {@link RequestLog.reset}, from 0. */
  index: number;
  method: string;
  /** Method and template, such as `PATCH /repos/{owner}/{repo}/git/refs/{ref}`; for an unknown route, method and path. */
  route: string;
  /** The encoded path without the query. */
  path: string;
  url: string;
  /** The first root field of a GraphQL request. */
  operation?: string;
  /** Login of the token's actor. */
  login?: string;
}

/** A request and its outcome. */
export interface RecordedRequest extends RequestInfo {
  /** 0 while the request is in progress and when the connection was reset. */
  status: number;
  bytesIn: number;
  bytesOut: number;
  /** True when the request counts for GitHub's limit on content creation. */
  createsContent: boolean;
}

/** All requests since the counters were reset. */
export class RequestLog {
  readonly requests: RecordedRequest[] = [];

  /** Records a request that begins. */
  add(info: Omit<RequestInfo, "index">, createsContent: boolean): RecordedRequest {
    const request = { index: this.requests.length, ...info, status: 0, bytesIn: 0, bytesOut: 0, createsContent };
    this.requests.push(request);
    return request;
  }

  /** Counts requests: all of them, or those of a route (`GET /user`), a path or a GraphQL operation. */
  count(which?: string): number {
    if (which === undefined) return this.requests.length;
    return this.requests.filter(({ route, path, operation }) => [route, path, operation].includes(which)).length;
  }

  /** Clears the recorded requests. */
  reset(): void {
    this.requests.length = 0;
  }
}
