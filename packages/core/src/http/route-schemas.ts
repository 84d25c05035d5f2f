import { z } from "zod";
import { errorSchema } from "./error-response.js";
import type { Route } from "./route.js";

type JsonSchema = Readonly<Record<string, unknown>>;

/** The shapes of an endpoint in JSON Schema, each complete in itself, under the names that server frameworks have for them. */
export interface RouteSchemas {
  readonly params?: JsonSchema;
  readonly querystring?: JsonSchema;
  readonly headers?: JsonSchema;
  readonly body?: JsonSchema;
  /** By status. */
  readonly response: Readonly<Record<number, JsonSchema>>;
}

/** Writes an endpoint's shapes down for a framework that documents its routes by them. */
export function routeSchemas({ input, response, statuses, errors }: Route): RouteSchemas {
  const { params, query, headers, body } = input;
  const answer = response instanceof z.ZodUndefined ? {} : jsonSchema(response, "output");
  const error = jsonSchema(errorSchema, "output");
  return {
    ...(params === undefined ? {} : { params: jsonSchema(params, "input") }),
    ...(query === undefined ? {} : { querystring: jsonSchema(query, "input") }),
    ...(headers === undefined ? {} : { headers: jsonSchema(headers, "input") }),
    ...(body === undefined ? {} : { body: jsonSchema(body, "input") }),
    response: {
      ...Object.fromEntries([...errors, 500].map((status) => [status, error])),
      ...Object.fromEntries(statuses.map((status) => [status, answer])),
    },
  };
}

function jsonSchema(schema: z.ZodType, io: "input" | "output"): JsonSchema {
  const { $schema: _, ...converted } = z.toJSONSchema(schema, { io, reused: "inline" });
  return converted;
}
