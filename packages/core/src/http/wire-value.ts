import * as z from "zod";

const names = new Map<z.core.$ZodType, string>();

/** Gives a schema the name under which clients know it. */
export function named<Schema extends z.ZodType>(name: string, schema: Schema): Schema {
  names.set(schema, name);
  return schema;
}

/** Returns the name of a schema; `null` for one without a name. */
export function nameOf(schema: z.core.$ZodType): string | null {
  return names.get(schema) ?? null;
}

/** A number of things. */
export const countSchema = z.int().nonnegative();

/** The full name of a repository. */
export const fullNameSchema = z.string().describe("`owner/repo`");

/** A time: ISO 8601, UTC. */
export const timeSchema = z.iso.datetime();

/** A user id: a canonical safe integer is a number, any other id is a text. */
export const userIdSchema = z.union([z.int(), z.string()]);

/** Writes a date in the form of {@link timeSchema}. */
export function toWireTime(date: Date): string {
  return date.toISOString();
}

/** Writes a date in the form of {@link timeSchema}; returns `null` for `null`. */
export function toWireTimeOrNull(date: Date | null): string | null {
  return date === null ? null : date.toISOString();
}

/** Writes a stored user id in the form of {@link userIdSchema}. */
export function toWireUserId(userId: string): string | number {
  const number = Number(userId);
  return Number.isSafeInteger(number) && String(number) === userId ? number : userId;
}
