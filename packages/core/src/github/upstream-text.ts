import * as z from "zod";

/** One entry of `errors` in a GraphQL response. */
export interface GraphqlError {
  /** The error's type, such as `NOT_FOUND` or `STALE_DATA`; the validator's code, such as `undefinedField`, for a query that does not match the schema. */
  readonly type: string;
  /** GitHub's code, such as `graphql_rate_limit`; `""` when there is none. */
  readonly code: string;
  /** True when the organization requires single sign-on. */
  readonly samlFailure: boolean;
  /** The field that the server's schema does not have; `null` for any other error. */
  readonly undefinedField: string | null;
  readonly message: string;
  readonly path: readonly (string | number)[];
}

const MAX_TEXT = 64 * 1024;

const restErrorSchema = z.object({
  message: z.string().catch(""),
  errors: z
    .array(z.union([z.string(), z.object({ message: z.string() }).transform((error) => error.message)]))
    .catch([]),
});

const extensionsSchema = z.object({
  code: z.string().optional().catch(undefined),
  fieldName: z.string().optional().catch(undefined),
  saml_failure: z.boolean().optional().catch(undefined),
});

const graphqlErrorsSchema = z.object({
  errors: z
    .array(
      z
        .object({
          type: z.string().optional().catch(undefined),
          message: z.string().catch(""),
          path: z.array(z.union([z.string(), z.number()])).catch([]),
          code: z.string().optional().catch(undefined),
          extensions: extensionsSchema.catch({}),
        })
        .transform(
          ({ type, code, message, path, extensions }): GraphqlError => ({
            type: type ?? extensions.code ?? "",
            code: code ?? extensions.code ?? "",
            samlFailure: extensions.saml_failure === true,
            undefinedField: undefinedFieldOf(message, extensions),
            message,
            path,
          }),
        ),
    )
    .min(1),
});

/** Returns the messages of a REST error body, for classification and the log; at most 64 kB. */
export function textOf(data: unknown): string {
  if (typeof data === "string") return data.slice(0, MAX_TEXT);
  const parsed = restErrorSchema.safeParse(data);
  if (!parsed.success) return "";
  const texts = [parsed.data.message, ...parsed.data.errors].filter((text) => text !== "");
  return texts.join("; ").slice(0, MAX_TEXT);
}

/** Returns the errors of a GraphQL response; an empty array when the body has no `errors`. */
export function graphqlErrorsOf(data: unknown): readonly GraphqlError[] {
  const parsed = graphqlErrorsSchema.safeParse(data);
  return parsed.success ? parsed.data.errors : [];
}

function undefinedFieldOf(message: string, extensions: z.infer<typeof extensionsSchema>): string | null {
  if (extensions.code === "undefinedField" && extensions.fieldName !== undefined) return extensions.fieldName;
  return /^Field '(\w+)' doesn't exist on type '/.exec(message)?.[1] ?? null;
}
