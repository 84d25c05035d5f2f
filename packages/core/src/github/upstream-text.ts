import { z } from "zod";

/** One entry of a GraphQL answer's `errors`. */
export interface GraphqlError {
  /** GitHub's own class of error, such as `NOT_FOUND` or `STALE_DATA`; the validator's code for a query that does not fit the schema. */
  readonly type: string;
  readonly message: string;
  readonly path: readonly (string | number)[];
}

const restErrorSchema = z.object({
  message: z.string().catch(""),
  errors: z
    .array(z.union([z.string(), z.object({ message: z.string() }).transform((error) => error.message)]))
    .catch([]),
});

const graphqlErrorsSchema = z.object({
  errors: z
    .array(
      z
        .object({
          type: z.string().optional().catch(undefined),
          message: z.string().catch(""),
          path: z.array(z.union([z.string(), z.number()])).catch([]),
          extensions: z.object({ code: z.string().optional().catch(undefined) }).catch({}),
        })
        .transform(({ type, message, path, extensions }) => ({ type: type ?? extensions.code ?? "", message, path })),
    )
    .min(1),
});

/** Everything that a REST error body says in words, for classification and the log. */
export function textOf(data: unknown): string {
  if (typeof data === "string") return data;
  const parsed = restErrorSchema.safeParse(data);
  if (!parsed.success) return "";
  return [parsed.data.message, ...parsed.data.errors].filter((text) => text !== "").join("; ");
}

/** The errors of a GraphQL answer; none when the body has no `errors`. */
export function graphqlErrorsOf(data: unknown): readonly GraphqlError[] {
  const parsed = graphqlErrorsSchema.safeParse(data);
  return parsed.success ? parsed.data.errors : [];
}
