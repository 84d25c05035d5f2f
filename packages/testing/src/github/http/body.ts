import type * as z from "zod";
import { ApiError } from "./api-error.js";

/**
 * Parses the JSON object of a request. Returns `undefined` for an empty body.
 *
 * @throws ApiError with status 400 when the body is not a JSON object
 */
export function parseJson(bytes: Uint8Array): Record<string, unknown> | undefined {
  if (bytes.length === 0) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new ApiError(400, "Problems parsing JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ApiError(400, "Body should be a JSON object");
  }
  return value as Record<string, unknown>;
}

/**
 * Validates a body against a schema.
 *
 * @throws ApiError with status 422 and the message of GitHub's schema validation
 */
export function parseBody<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const result = schema.safeParse(body ?? {});
  if (result.success) return result.data;
  const missing = new Set<string>();
  const wrong: string[] = [];
  for (const issue of result.error.issues) {
    const value = valueAt(body, issue.path);
    if (issue.code === "invalid_type" && value === undefined) missing.add(`"${String(issue.path.at(-1))}"`);
    else wrong.push(`For 'properties/${issue.path.join("/")}', ${describe(value)} is not ${expected(issue)}.`);
  }
  if (missing.size > 0) {
    const names = [...missing].sort();
    wrong.unshift(`${names.join(", ")} ${names.length === 1 ? "wasn't" : "weren't"} supplied.`);
  }
  throw new ApiError(422, `Invalid request.\n\n${wrong.join("\n")}`);
}

function expected(issue: { code: string; expected?: unknown; values?: unknown }): string {
  if (issue.code === "invalid_value") return `a member of ${JSON.stringify(issue.values)}`;
  const type = typeof issue.expected === "string" ? issue.expected : "valid value";
  return `${/^[aeiou]/.test(type) ? "an" : "a"} ${type}`;
}

function describe(value: unknown): string {
  return value === undefined || value === null ? "nil" : JSON.stringify(value);
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  let value: unknown = body;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}
