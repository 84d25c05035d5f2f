import type { Budget } from "../control/rate-limits.js";
import type { Route } from "../http/route.js";

/**
 * Routes without an account or repository.
 *
 * @see https://docs.github.com/rest/rate-limit
 * @see https://docs.github.com/rest/meta
 */
export const metaRoutes: readonly Route[] = [
  {
    method: "GET",
    template: "/rate_limit",
    docs: "rate-limit/rate-limit#get-rate-limit-status-for-the-authenticated-user",
    scopes: [],
    handler: ({ platform, credential, headers }) => {
      const core = budget(platform.rateLimits.budget("core", credential));
      const graphql = budget(platform.rateLimits.budget("graphql", credential));
      const search = { ...core, limit: 30, used: 0, remaining: 30 };
      // API version 2026-03-10 removed `rate`, which repeats `core`.
      const rate = headers.get("x-github-api-version") === "2026-03-10" ? {} : { rate: core };
      return { status: 200, body: { resources: { core, graphql, search }, ...rate } };
    },
  },
  {
    method: "GET",
    template: "/meta",
    docs: "meta/meta#get-github-meta-information",
    scopes: [],
    handler: () => ({
      status: 200,
      body: {
        verifiable_password_authentication: false,
        hooks: ["127.0.0.0/8"],
        web: ["127.0.0.0/8"],
        api: ["127.0.0.0/8"],
        git: ["127.0.0.0/8"],
      },
    }),
  },
];

function budget({ limit, used, remaining, reset }: Budget): Record<string, number> {
  return { limit, used, remaining, reset };
}
