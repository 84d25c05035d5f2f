import { z } from "zod";

/** The options that the load test passes to its processes. */
export const loadOptionsSchema = z.object({
  apiUrl: z.string(),
  serverUrl: z.string(),
  databaseUrl: z.string(),
  redisUrl: z.string(),
  prefix: z.string(),
  /** The folder `{user}/{project}/…`. */
  projects: z.string(),
  /** Tokens by user ID. */
  tokens: z.record(z.string(), z.string()),
  works: z.boolean(),
  /** True when all processes keep to GitHub's limits together. */
  sharesBudget: z.boolean(),
});

/** The options of one process of the load test. */
export type LoadOptions = z.infer<typeof loadOptionsSchema>;
