import * as z from "zod";
import { unreadableError } from "./error-mapping.js";
import type { GitHubResponse } from "./github-client.js";

/** The response to the creation of a git object. */
export const createdObjectSchema = z.object({ sha: z.string() });

/**
 * Parses the data of a response.
 *
 * @throws GitHubSdkError `github_unavailable` when the data does not match the schema
 */
export function parseResponse<Data>(schema: z.ZodType<Data>, response: GitHubResponse): Data {
  const parsed = schema.safeParse(response.data);
  if (!parsed.success) throw unreadableError(parsed.error);
  return parsed.data;
}
