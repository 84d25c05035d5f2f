import { z } from "zod";
import { defined } from "../defined.js";
import { errorSchema } from "./error-response.js";
import { type JsonSchema, toJsonSchema } from "./json-schema.js";
import type { Route, RouteTag } from "./route.js";
import { nameOf } from "./wire-value.js";

/** An OpenAPI 3.1 document. */
export type OpenApiDocument = Readonly<Record<string, unknown>>;

type Json = Readonly<Record<string, unknown>>;

/** What an error of a status is called, and what it says. */
const ERRORS: Readonly<Record<number, readonly [name: string, description: string]>> = {
  400: ["BadRequest", "Not possible as asked, such as for a user who is not connected with GitHub"],
  401: ["Unauthorized", "The token, or the signature, proves nobody"],
  403: ["Forbidden", "GitHub, or a rule of the branch, does not allow it"],
  404: ["NotFound", "Not there, or somebody else's"],
  413: ["PayloadTooLarge", "The body is too large"],
  422: ["ValidationFailed", "A part of the request is not valid; `errors` names the fields"],
  429: ["RateLimited", "GitHub's rate limit is used up"],
  500: ["InternalError", "Something went wrong here, or at GitHub"],
  501: ["NotConfigured", "This host has not configured what it takes; the answer names the option"],
};

const TAGS: Readonly<Record<RouteTag, string>> = {
  Connection: "Connect the user's GitHub account, and see what it reaches",
  "Project sync": "Keep projects in step with repositories, in the user's name",
  "GitHub App": "Act as the GitHub App, for installations that are the user's",
  Description: "What there is",
};

const RETRY_AFTER = { "Retry-After": { description: "Seconds", schema: { type: "integer", minimum: 1 } } };
const LOCATION = {
  Location: { description: "The host's page, with `connected=1` or `error=CODE`", schema: { type: "string" } },
};
const BEARER = { type: "http", scheme: "bearer", description: "The token of the host's own session" };

/**
 * Describes endpoints in OpenAPI 3.1, from the very schemas that requests are checked by and answers are typed by.
 *
 * @see https://spec.openapis.org/oas/v3.1.1.html
 */
export function openApiDocument(routes: readonly Route[], basePath: string): OpenApiDocument {
  const shapes = new NamedShapes();
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route, shapes) };
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "Infrajet GitHub",
      version: "1.0.0",
      description: "Connect GitHub accounts, act as a GitHub App, and keep projects in step with a repository.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: basePath === "" ? "/" : basePath }],
    security: [{ bearer: [] }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name, description: TAGS[name] })),
    paths,
    components: {
      securitySchemes: { bearer: BEARER },
      responses: errorResponses(shapes),
      schemas: shapes.all(),
    },
  };
}

function operation(route: Route, shapes: NamedShapes): Json {
  const { operationId, tag, summary, auth, input } = route;
  const parameters = [
    ...parametersOf("path", input.params, shapes),
    ...parametersOf("query", input.query, shapes),
    ...parametersOf("header", input.headers, shapes),
  ];
  return {
    operationId,
    tags: [tag],
    summary,
    ...defined({
      security: auth === "user" ? undefined : [],
      parameters: parameters.length === 0 ? undefined : parameters,
    }),
    ...requestBody(route, shapes),
    responses: responsesOf(route, shapes),
  };
}

function parametersOf(
  place: "path" | "query" | "header",
  schema: z.ZodObject | undefined,
  shapes: NamedShapes,
): readonly Json[] {
  return Object.entries(schema?.shape ?? {}).map(([name, field]) => ({
    name,
    in: place,
    required: !z.safeParse(field, undefined).success,
    schema: shapes.of(field, "input"),
  }));
}

function requestBody({ input, auth }: Route, shapes: NamedShapes): Json {
  if (auth === "signature") {
    const schema = { type: "object", description: "What GitHub delivers; the raw bytes are what is signed" };
    return { requestBody: { required: true, content: json(schema) } };
  }
  if (input.body === undefined) return {};
  const required = !input.body.safeParse({}).success;
  return { requestBody: { required, content: json(shapes.of(input.body, "input")) } };
}

function responsesOf({ auth, input, response, statuses, errors }: Route, shapes: NamedShapes): Json {
  const good = (status: number): Json =>
    response instanceof z.ZodUndefined
      ? { description: "To a page of the host", headers: LOCATION }
      : { description: status === 200 ? "Done" : "Not able to work", content: json(shapes.of(response, "output")) };
  const all = [
    ...(auth === "user" || auth === "signature" ? [401] : []),
    ...(input.body === undefined ? [] : [400, 413]),
    ...errors,
    500,
  ];
  return {
    ...Object.fromEntries(statuses.map((status) => [status, good(status)])),
    ...Object.fromEntries(all.map((status) => [status, { $ref: `#/components/responses/${ERRORS[status]?.[0]}` }])),
  };
}

function errorResponses(shapes: NamedShapes): Json {
  const content = json(shapes.of(errorSchema, "output"));
  const response = (status: string, description: string): Json =>
    defined({ description, headers: status === "429" ? RETRY_AFTER : undefined, content });
  return Object.fromEntries(
    Object.entries(ERRORS).map(([status, [name, description]]) => [name, response(status, description)]),
  );
}

function json(schema: JsonSchema): Json {
  return { "application/json": { schema } };
}

/** Schemas that have a name stand in the components, and are referred to from everywhere else. */
class NamedShapes {
  readonly #shapes = new Map<string, JsonSchema>();

  of(schema: z.core.$ZodType, io: "input" | "output"): JsonSchema {
    return this.#reference(schema, io) ?? toJsonSchema(schema, io, (inner) => this.#reference(inner, io));
  }

  all(): Json {
    return Object.fromEntries([...this.#shapes].sort(([left], [right]) => (left < right ? -1 : 1)));
  }

  #reference(schema: z.core.$ZodType, io: "input" | "output"): JsonSchema | null {
    const name = nameOf(schema);
    if (name === null) return null;
    if (!this.#shapes.has(name)) {
      this.#shapes.set(
        name,
        toJsonSchema(schema, io, (inner) => this.#reference(inner, io)),
      );
    }
    return { $ref: `#/components/schemas/${name}` };
  }
}
