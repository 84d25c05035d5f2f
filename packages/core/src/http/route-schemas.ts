import * as z from "zod";
import { defined } from "../defined.js";
import { errorSchema } from "./error-response.js";
import { type JsonSchema, toJsonSchema } from "./json-schema.js";
import type { Route } from "./route.js";

/** The schemas of an endpoint as self-contained JSON Schemas, under the names that server frameworks use. */
export interface RouteSchemas {
  readonly params?: JsonSchema;
  readonly querystring?: JsonSchema;
  readonly headers?: JsonSchema;
  readonly body?: JsonSchema;
  /** By status. */
  readonly response: Readonly<Record<number, JsonSchema>>;
}

/** Returns the schemas of an endpoint for a framework that documents its routes by them. */
export function routeSchemas({ input, response, statuses, errors }: Route): RouteSchemas {
  const { params, query, headers, body } = input;
  const success = response instanceof z.ZodUndefined ? {} : toJsonSchema(response, "output");
  const error = toJsonSchema(errorSchema, "output");
  return {
    ...defined({
      params: params && toJsonSchema(params, "input"),
      querystring: query && toJsonSchema(query, "input"),
      headers: headers && toJsonSchema(headers, "input"),
      body: body && toJsonSchema(body, "input"),
    }),
    response: {
      ...Object.fromEntries([...errors, 500].map((status) => [status, error])),
      ...Object.fromEntries(statuses.map((status) => [status, success])),
    },
  };
}
