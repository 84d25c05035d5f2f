import * as z from "zod";
import { appRepositorySchema, toAppRepositoryResponse } from "./app-wire.js";
import { queryNumber, withDefault } from "./request-fields.js";
import { defineRoute } from "./route.js";
import { countSchema, named } from "./wire-value.js";

/** `GET /installations/{installation_id}/repositories`. */
export const installationRepositoriesRoute = defineRoute({
  method: "GET",
  path: "/installations/{installation_id}/repositories",
  operationId: "listInstallationRepositories",
  tag: "GitHub App",
  summary: "List the repositories that an installation of the user can access",
  auth: "user",
  input: {
    params: z.object({ installation_id: queryNumber(1) }),
    query: z.object({ page: withDefault(queryNumber(1), 1), per_page: withDefault(queryNumber(1, 100), 30) }),
  },
  response: named(
    "GitHubAppRepositoryList",
    z.object({
      repositories: z.array(appRepositorySchema),
      total_count: countSchema,
      page: z.int(),
      per_page: z.int(),
    }),
  ),
  errors: [400, 403, 404, 422, 429, 501],
  async handle({ sdk, user, params: { installation_id: installationId }, query: { page, per_page: perPage } }) {
    const found = await sdk.app.repositories({ userId: user.id, installationId, page, perPage });
    return {
      body: {
        repositories: found.repositories.map(toAppRepositoryResponse),
        total_count: found.totalCount,
        page: found.page,
        per_page: found.perPage,
      },
    };
  },
});
