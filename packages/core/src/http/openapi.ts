import { z } from "zod";
import { errorSchema } from "./error-response.js";
import type { Route } from "./route.js";
import { nameOf } from "./wire-value.js";

/** An OpenAPI 3.1 document. */
export type OpenApiDocument = Readonly<Record<string, unknown>>;

type Json = Readonly<Record<string, unknown>>;

const STATUS_WORDS: Readonly<Record<number, string>> = {
  200: "Done",
  303: "To the host's page, with `connected=1` or `error=CODE`",
  400: "Not possible as asked, such as for a user who is not connected with GitHub",
  401: "The token, or the signature, proves nobody",
  403: "Not allowed",
  404: "Not there, or somebody else's",
  413: "The body is too large",
  422: "A part of the request is not valid",
  429: "A rate limit is used up; `Retry-After` says for how long",
  500: "Something went wrong here, or at GitHub",
  501: "This host has not configured what it takes; the answer names the option",
  503: "The GitHub App cannot work",
};

/**
 * Describes endpoints in OpenAPI 3.1, from the very schemas that requests are checked by and answers are typed by.
 *
 * @see https://spec.openapis.org/oas/v3.1.1.html
 */
export function openApiDocument(routes: readonly Route[], basePath: string): OpenApiDocument {
  const shapes = new NamedShapes();
  const paths: Record<string, Record<string, Json>> = {};
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
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "The token of the host's own session" },
      },
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
    ...(auth === "user" ? {} : { security: [] }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...requestBody(route, shapes),
    responses: responsesOf(route, shapes),
  };
}

function parametersOf(
  place: "path" | "query" | "header",
  schema: z.ZodObject | undefined,
  shapes: NamedShapes,
): Json[] {
  return Object.entries(schema?.shape ?? {}).map(([name, field]) => ({
    name,
    in: place,
    required: place === "path" || !z.safeParse(field, undefined).success,
    schema: withoutNull(shapes.of(field, "input")),
  }));
}

function requestBody({ input, auth }: Route, shapes: NamedShapes): Json {
  if (auth === "signature") {
    const schema = { type: "object", description: "What GitHub delivers; the raw bytes are what is signed" };
    return { requestBody: { required: true, content: { "application/json": { schema } } } };
  }
  if (input.body === undefined) return {};
  const required = !input.body.safeParse({}).success;
  return { requestBody: { required, content: json(shapes.of(input.body, "input")) } };
}

function responsesOf(route: Route, shapes: NamedShapes): Json {
  const errors = [
    500,
    ...(route.auth === "user" || route.auth === "signature" ? [401] : []),
    ...(route.input.body === undefined ? [] : [400, 413]),
    ...route.errors,
  ].filter((status) => !route.statuses.includes(status));
  const content =
    route.response instanceof z.ZodUndefined ? {} : { content: json(shapes.of(route.response, "output")) };
  const answers = [
    ...route.statuses.map((status) => [status, content] as const),
    ...errors.map((status) => [status, { content: json(shapes.of(errorSchema, "output")) }] as const),
  ];
  return Object.fromEntries(
    answers.map(([status, body]) => [status, { description: STATUS_WORDS[status] ?? "An error", ...body }]),
  );
}

function json(schema: Json): Json {
  return { "application/json": { schema } };
}

/** A parameter is left out or there: it is never null. */
function withoutNull(schema: Json): Json {
  const { anyOf, ...rest } = schema;
  if (!Array.isArray(anyOf)) return schema;
  const others: readonly Json[] = anyOf.filter((one) => one.type !== "null");
  return others.length === 1 ? { ...others[0], ...rest } : { ...rest, anyOf: others };
}

/** Schemas as JSON Schema: those that have a name stand in the components, and are referred to. */
class NamedShapes {
  readonly #shapes = new Map<string, Json>();

  of(schema: z.core.$ZodType, io: "input" | "output"): Json {
    const name = nameOf(schema);
    if (name === null) return this.#convert(schema, io);
    if (!this.#shapes.has(name)) {
      // Its place is taken before its parts are looked at, so that it stands above them.
      this.#shapes.set(name, {});
      this.#shapes.set(name, this.#convert(schema, io));
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  all(): Json {
    return Object.fromEntries(this.#shapes);
  }

  #convert(root: z.core.$ZodType, io: "input" | "output"): Json {
    const { $schema: _, ...converted } = z.toJSONSchema(root, {
      io,
      reused: "inline",
      override: ({ zodSchema, jsonSchema }) => {
        if (zodSchema === root || nameOf(zodSchema) === null) return;
        const reference = this.of(zodSchema, io);
        for (const key of Object.keys(jsonSchema)) delete jsonSchema[key as keyof typeof jsonSchema];
        Object.assign(jsonSchema, reference);
      },
    });
    return converted;
  }
}
