/** The parts of a request in which the fields of a call's input are sent. */
export interface CallRoute {
  readonly method: "GET" | "POST" | "PUT" | "DELETE" | "PATCH";
  /** Contains the names of fields in braces. */
  readonly path: string;
  /** The fields that are sent as headers. */
  readonly headers: readonly string[];
  /** The part of the request that contains all other fields. */
  readonly rest: "query" | "body";
}
