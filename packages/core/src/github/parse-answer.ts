import { z } from "zod";
import { unavailableError } from "./error-mapping.js";
import type { GitHubResponse } from "./github-client.js";

/** What GitHub answers when it has made a git object. */
export const createdObjectSchema = z.object({ sha: z.string() });

/**
 * The data of an answer in the shape that GitHub documents.
 *
 * @throws GitHubSdkError `github_unavailable` when it has another one
 */
export function parseAnswer<Data>(schema: z.ZodType<Data>, answer: GitHubResponse): Data {
  const parsed = schema.safeParse(answer.data);
  if (!parsed.success) throw unavailableError(parsed.error);
  return parsed.data;
}
