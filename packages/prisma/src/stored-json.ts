import { GitHubSdkError } from "@infrajet/github/errors";
import type { z } from "zod";

/** What a row held, checked. @throws GitHubSdkError `store_failed` for what this package did not write */
export function parseStored<Parsed>(what: string, schema: z.ZodType<Parsed>, value: unknown): Parsed {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new GitHubSdkError(
    "store_failed",
    `A stored ${what} cannot be read: it is damaged, or a newer version wrote it. Restore it from a backup, or delete it.`,
    { cause: parsed.error },
  );
}
