import type * as z from "zod";
import { GitHubSdkError } from "../errors.js";
import { fieldErrors, issueText, type SchemaIssue } from "../issue-text.js";

/** Parses a part of a request by its schema. @throws GitHubSdkError `validation_failed` with the list of fields */
export function parseInput<Schema extends z.ZodObject>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalidFields(parsed.error.issues);
}

/**
 * Parses a query by its schema. A parameter is a text, or a list when it is repeated; unknown parameters are ignored.
 *
 * @throws GitHubSdkError `validation_failed` with the list of parameters
 */
export function parseQuery<Schema extends z.ZodObject>(schema: Schema, search: string): z.output<Schema> {
  const given = new URLSearchParams(search);
  const names = Object.keys(schema.shape).filter((name) => given.has(name));
  const values = names.map((name) => given.getAll(name)).map((all) => (all.length === 1 ? all[0] : all));
  return parseInput(schema, Object.fromEntries(names.map((name, index) => [name, values[index]])));
}

/** Parses the headers that a schema names. @throws GitHubSdkError `validation_failed` with the list of headers */
export function parseHeaders<Schema extends z.ZodObject>(
  schema: Schema,
  headers: Readonly<Record<string, string | undefined>>,
): z.output<Schema> {
  return parseInput(schema, Object.fromEntries(Object.keys(schema.shape).map((name) => [name, headers[name]])));
}

/** Returns the error for a request with invalid fields: 422, with the list of fields. */
export function invalidFields(issues: readonly SchemaIssue[]): GitHubSdkError {
  return new GitHubSdkError("validation_failed", `The request is not valid. ${issueText(issues, "body")}.`, {
    details: { errors: fieldErrors(issues) },
  });
}
