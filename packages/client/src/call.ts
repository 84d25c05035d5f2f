/** Options of one call. */
export interface CallOptions {
  /** Aborts the request. The call then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds until the call rejects with `timeout`. Defaults to the client's `timeoutMs`. */
  readonly timeoutMs?: number;
}

/** An operation as openapi-typescript describes it. */
export interface DescribedOperation {
  readonly parameters: {
    readonly query?: unknown;
    readonly header?: unknown;
    readonly path?: unknown;
  };
  readonly requestBody?: unknown;
  readonly responses: unknown;
}

/** The fields of one part of a request; `unknown`, which an intersection ignores, when the part has none. */
export type PartFields<Part> = [NonNullable<Part>] extends [never] ? unknown : NonNullable<Part>;

/** The fields of a JSON body; `unknown` without one. */
export type BodyFields<Body> =
  NonNullable<Body> extends { content: { "application/json": infer Json } } ? Json : unknown;

/** One object type in place of an intersection, which editors show with its fields. */
export type MergedFields<Type> = { [Key in keyof Type]: Type[Key] };

/** The input of an operation: its parameters and the fields of its body in one object. */
export type CallInput<Operation extends DescribedOperation> = MergedFields<
  PartFields<Operation["parameters"]["path"]> &
    PartFields<Operation["parameters"]["query"]> &
    PartFields<Operation["parameters"]["header"]> &
    BodyFields<Operation["requestBody"]>
>;

/** The JSON of an operation's successful response. */
export type CallOutput<Operation extends DescribedOperation> = Operation["responses"] extends {
  200: { content: { "application/json": infer Json } };
}
  ? Json
  : never;

/** A method that calls an operation. @throws GitHubClientError when the response is not successful. */
export type Call<Operation extends DescribedOperation> =
  Record<never, never> extends CallInput<Operation>
    ? (input?: CallInput<Operation>, options?: CallOptions) => Promise<CallOutput<Operation>>
    : (input: CallInput<Operation>, options?: CallOptions) => Promise<CallOutput<Operation>>;
