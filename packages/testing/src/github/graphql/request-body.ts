import { z } from "zod";

const requestBody = z.object({
  query: z.string().optional(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
});

/** What a GraphQL request holds. */
export interface GraphqlBody {
  query?: string;
  variables?: Record<string, unknown>;
  operationName?: string;
}

/** Reads a GraphQL request's body; undefined when it is no JSON object of that form. */
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
