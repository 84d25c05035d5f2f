import type { z } from "zod";
import { GitHubSdkError } from "../errors.js";

/** What is wrong with one field of a request. */
export interface FieldError {
  /** The field's name on the wire, `files.main.tf.mode` for one inside; empty for the whole. */
  readonly field: string;
  readonly message: string;
}

const MOST_ERRORS = 20;

/** A part of a request by its schema. @throws GitHubSdkError `validation_failed` with a list of fields */
export function parseInput<Schema extends z.ZodObject>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalidFields(parsed.error.issues.map(({ path, message }) => ({ field: path.map(String).join("."), message })));
}

/** A query by its schema: a parameter is a text, or a list when it is repeated; unknown ones are nobody's business. @throws as {@link parseInput} */
export function parseQuery<Schema extends z.ZodObject>(schema: Schema, search: string): z.output<Schema> {
  const given = new URLSearchParams(search);
  const names = Object.keys(schema.shape).filter((name) => given.has(name));
  const values = names.map((name) => given.getAll(name)).map((all) => (all.length === 1 ? all[0] : all));
  return parseInput(schema, Object.fromEntries(names.map((name, index) => [name, values[index]])));
}

/** Headers by their schema. @throws as {@link parseInput} */
export function parseHeaders<Schema extends z.ZodObject>(
  schema: Schema,
  headers: Readonly<Record<string, string | undefined>>,
): z.output<Schema> {
  return parseInput(schema, Object.fromEntries(Object.keys(schema.shape).map((name) => [name, headers[name]])));
}

/** An error that names fields. */
export function invalidFields(all: readonly FieldError[]): GitHubSdkError {
  const errors = all.slice(0, MOST_ERRORS);
  const words = errors.map(({ field, message }) => `${field || "body"}: ${message.replace(/\.$/, "")}`).join("; ");
  const more = all.length > errors.length ? `; and ${all.length - errors.length} more` : "";
  return new GitHubSdkError("validation_failed", `The request is not valid. ${words}${more}.`, { details: { errors } });
}
