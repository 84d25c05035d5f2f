import * as z from "zod";
import { defined } from "../defined.js";
import { VERSION } from "../version.js";
import { errorSchema } from "./error-response.js";
import { type JsonSchema, toJsonSchema } from "./json-schema.js";
import type { Route, RouteTag } from "./route.js";
import { nameOf } from "./wire-value.js";

/** An OpenAPI 3.1 document. */
export type OpenApiDocument = Readonly<Record<string, unknown>>;

type Json = Readonly<Record<string, unknown>>;

/** The name and the description of each error response. */
const ERRORS: Readonly<Record<number, readonly [name: string, description: string]>> = {
  400: ["BadRequest", "The request cannot be fulfilled, for example because the user is not connected with GitHub"],
  401: ["Unauthorized", "Missing or invalid token or signature"],
  403: ["Forbidden", "GitHub or a rule of the branch does not permit the operation"],
  404: ["NotFound", "The resource does not exist or belongs to another user"],
  408: ["RequestTimeout", "The request body did not arrive in time"],
  413: ["PayloadTooLarge", "The request body exceeds the limit"],
  422: ["ValidationFailed", "The request is invalid; `errors` lists the fields"],
  429: ["RateLimited", "A rate limit is exceeded; retry after `Retry-After` seconds"],
  500: ["InternalError", "Internal error, or GitHub is unavailable"],
  501: ["NotConfigured", "This host did not configure the feature; `detail` names the option"],
  503: ["Overloaded", "Too much work of this kind waits; try again later"],
};

const TAGS: Readonly<Record<RouteTag, string>> = {
  Connection: "Connect the user's GitHub account and list its repositories",
  "Project sync": "Sync projects to repositories on behalf of the user",
  "GitHub App": "Act as the GitHub App on installations of the user",
  Realtime: "Follow syncs while they run",
  Operations: "Probe the host",
  Description: "The description of this API",
};

const RETRY_AFTER = {
  "Retry-After": { description: "Seconds to wait before the next request", schema: { type: "integer", minimum: 1 } },
};
const LOCATION = {
  Location: { description: "The host's page with `connected=1` or `error=CODE`", schema: { type: "string" } },
};
const BEARER = { type: "http", scheme: "bearer", description: "A session token of the host" };
const TICKET = { type: "apiKey", in: "query", name: "ticket", description: "A ticket of `POST /realtime/ticket`" };

/**
 * Returns the OpenAPI 3.1 document of routes, from the schemas that validate their requests and type their responses.
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
      version: VERSION,
      description: "Connect GitHub accounts, act as a GitHub App, and sync projects to GitHub repositories.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: serversOf(basePath),
    security: [{ bearer: [] }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name, description: TAGS[name] })),
    paths,
    components: {
      securitySchemes: { bearer: BEARER, ticket: TICKET },
      responses: errorResponses(shapes),
      schemas: shapes.all(),
    },
  };
}

/** Returns the `servers` of a document: the path at which the endpoints are mounted. */
export function serversOf(basePath: string): readonly { readonly url: string }[] {
  return [{ url: basePath === "" ? "/" : basePath }];
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
      security: securityOf(auth),
      parameters: parameters.length === 0 ? undefined : parameters,
    }),
    ...requestBody(route, shapes),
    responses: responsesOf(route, shapes),
  };
}

/** Returns the security of an operation; `undefined` for the document's own, the bearer token. */
function securityOf(auth: Route["auth"]): readonly Json[] | undefined {
  if (auth === "visitor") return [{ bearer: [] }, { ticket: [] }];
  return auth === "user" ? undefined : [];
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
    const schema = { type: "object", description: "The payload of the event. The signature covers the raw bytes." };
    return { requestBody: { required: true, content: json(schema) } };
  }
  if (input.body === undefined) return {};
  const required = !input.body.safeParse({}).success;
  return { requestBody: { required, content: json(shapes.of(input.body, "input")) } };
}

function responsesOf({ auth, input, response, produces, statuses, errors }: Route, shapes: NamedShapes): Json {
  const success = (status: number): Json => {
    if (produces === "html")
      return { description: "An HTML page", content: { "text/html": { schema: { type: "string" } } } };
    if (produces === "events") {
      const content = { "text/event-stream": { schema: shapes.of(response, "output") } };
      return { description: "Server-sent events. The schema is that of each event's data", content };
    }
    if (response instanceof z.ZodUndefined)
      return { description: "Redirects to a page of the host", headers: LOCATION };
    const description = status === 200 ? "Success" : "A check failed";
    return { description, content: json(shapes.of(response, "output")) };
  };
  const all = [
    ...(auth === "user" || auth === "visitor" || auth === "signature" ? [401] : []),
    ...(input.body === undefined ? [] : [400, 408, 413]),
    ...errors,
    500,
  ];
  return {
    ...Object.fromEntries(statuses.map((status) => [status, success(status)])),
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

/** Collects the named schemas for the components of the document; everything else refers to them. */
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
