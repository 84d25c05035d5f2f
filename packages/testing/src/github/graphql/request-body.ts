import * as z from "zod";

const requestBody = z.object({
  query: z.string().optional(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
});

/** The body of a GraphQL request. */
export interface GraphqlBody {
  query?: string;
  variables?: Record<string, unknown>;
  operationName?: string;
}

/** Parses the body of a GraphQL request. Returns `undefined` when it is not valid JSON of that form. */
export function parseGraphqlBody(bytes: Uint8Array): GraphqlBody | undefined {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return undefined;
  }
  const parsed = requestBody.safeParse(json);
  if (!parsed.success) return undefined;
  const { query, variables, operationName } = parsed.data;
  return {
    ...(query === undefined ? {} : { query }),
    ...(variables == null ? {} : { variables }),
    ...(operationName == null ? {} : { operationName }),
  };
}
