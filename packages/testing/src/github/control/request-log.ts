/** A request that the box received, as hooks see it before it is answered. */
export interface RequestInfo {
  /** 0 for the first request of the box, or since {@link RequestLog.reset}. */
  index: number;
  method: string;
  /** Method and template: `PATCH /repos/{owner}/{repo}/git/refs/{ref}`, `POST /graphql`; for what matches none, the path. */
  route: string;
  /** The path as it was sent, without the query. */
  path: string;
  url: string;
  /** The mutation's (or query's) first field, for GraphQL. */
  operation?: string;
  /** Whose token it carried. */
  login?: string;
}

/** A request and how it ended. */
export interface RecordedRequest extends RequestInfo {
  /** 0 while it runs, and when the connection was cut. */
  status: number;
  bytesIn: number;
  bytesOut: number;
  /** Whether it is one of those that GitHub's limit for content creation is about. */
  createsContent: boolean;
}

/** Every request since the counters were reset. */
export class RequestLog {
  readonly requests: RecordedRequest[] = [];

  add(info: Omit<RequestInfo, "index">, createsContent: boolean): RecordedRequest {
    const request = { index: this.requests.length, ...info, status: 0, bytesIn: 0, bytesOut: 0, createsContent };
    this.requests.push(request);
    return request;
  }

  /** How many there were; of one route (`GET /user`), path or GraphQL operation when it is named. */
  count(which?: string): number {
    if (which === undefined) return this.requests.length;
    return this.requests.filter(({ route, path, operation }) => [route, path, operation].includes(which)).length;
  }

  reset(): void {
    this.requests.length = 0;
  }
}
