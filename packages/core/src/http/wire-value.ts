import { z } from "zod";

const names = new Map<z.core.$ZodType, string>();

/** Gives a shape the name that clients know it by. */
export function named<Schema extends z.ZodType>(name: string, schema: Schema): Schema {
  names.set(schema, name);
  return schema;
}

/** The name of a shape; `null` for one that has none. */
export function nameOf(schema: z.core.$ZodType): string | null {
  return names.get(schema) ?? null;
}

/** A time on the wire: ISO 8601, UTC. */
export const timeSchema = z.iso.datetime();

/** A user id on the wire: a canonical safe integer is a number, all else a text. */
export const userIdSchema = z.union([z.int(), z.string()]);

/** A date as {@link timeSchema} has it. */
export function toWireTime(date: Date): string {
  return date.toISOString();
}

/** A date that need not be there. */
export function toWireTimeOrNull(date: Date | null): string | null {
  return date === null ? null : date.toISOString();
}

/** A user id of a record as {@link userIdSchema} has it. */
export function toWireUserId(userId: string): string | number {
  const number = Number(userId);
  return Number.isSafeInteger(number) && String(number) === userId ? number : userId;
}
