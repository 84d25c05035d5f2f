import * as z from "zod";
import { type OpenApiDocument, openApiDocument, serversOf } from "./openapi.js";
import { defineRoute } from "./route.js";
import { routes } from "./routes.js";

let document: OpenApiDocument | null = null;

/** Returns the OpenAPI document of all other endpoints, with the path at which they are mounted. */
export const openApiRoute = defineRoute({
  method: "GET",
  path: "/openapi.json",
  operationId: "getOpenApi",
  tag: "Description",
  summary: "Get this OpenAPI document",
  auth: "public",
  input: {},
  response: z.record(z.string(), z.unknown()),
  errors: [],
  async handle({ basePath }) {
    // One document for all paths: clients choose how they spell the path at which Express mounted the router.
    document ??= openApiDocument(routes, "");
    return { body: { ...document, servers: serversOf(basePath) } };
  },
});
