import { GitHubSdkError } from "@infrajet/github/errors";
import type * as z from "zod";

/** Parses JSON in a row. @throws GitHubSdkError `store_failed` when it is damaged */
export function parseStoredJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's error is dropped, because it may quote the text.
    throw undecodable(name, undefined);
  }
}

/** Validates the content of a row. @throws GitHubSdkError `store_failed` when it is damaged or of a newer version */
export function parseStored<Parsed>(name: string, schema: z.ZodType<Parsed>, value: unknown): Parsed {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw undecodable(name, parsed.error);
}

function undecodable(name: string, cause: unknown): GitHubSdkError {
  return new GitHubSdkError(
    "store_failed",
    `A stored ${name} cannot be decoded: it is damaged or was written by a newer version. Restore it from a backup, or delete it.`,
    { cause },
  );
}
