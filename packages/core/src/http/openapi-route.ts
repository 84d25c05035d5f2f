import { z } from "zod";
import { type OpenApiDocument, openApiDocument } from "./openapi.js";
import { defineRoute } from "./route.js";
import { routes } from "./routes.js";

const documents = new Map<string, OpenApiDocument>();

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
  async handle({ request: { basePath } }) {
    const document = documents.get(basePath) ?? openApiDocument(routes, basePath);
    documents.set(basePath, document);
    return { body: document };
  },
});
