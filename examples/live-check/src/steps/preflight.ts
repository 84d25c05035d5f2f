import { z } from "zod";
import type { Step } from "../step.js";

const META = z.object({ installed_version: z.string().optional() }).catch({});

/** Reads the user, the scopes, the rate limit and the API version. */
export const preflight: Step = {
  number: 0,
  title: "preflight",
  run: async (target) => {
    const user = await target.must("user", "GET", "/user");
    await target.must("rate limit", "GET", "/rate_limit");
    await target.rest("user with the newest API version", "GET", "/user", undefined, {
      headers: { "x-github-api-version": "2026-03-10" },
    });
    await target.rest("user with an unknown API version", "GET", "/user", undefined, {
      headers: { "x-github-api-version": "1999-01-01" },
    });
    await target.rest("user without a token", "GET", "/user", undefined, { authorization: null });
    await target.rest("user with an invalid token", "GET", "/user", undefined, { authorization: "Bearer invalid" });
    const meta = await target.rest("meta", "GET", "/meta", undefined, { isLarge: true });
    const { installed_version } = META.parse(meta.body);
    target.settle("Scopes of the token", user.headers.get("x-oauth-scopes") ?? "none: it is not an OAuth token");
    target.settle("Version of Enterprise Server", installed_version ?? "none: github.com");
  },
};
