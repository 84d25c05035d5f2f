import * as z from "zod";

// Fields that several responses have.

/** A time in UTC. */
export const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/, "has to be an ISO 8601 time in UTC");
/** The ID of a git object. */
export const sha = z.string().regex(/^[0-9a-f]{40}$/, "has to be an object id");
export const id = z.int().positive();
export const count = z.int().nonnegative();
export const text = z.string();
export const branch = text.min(1);
export const fullName = text.regex(/^[^/]+\/[^/]+$/, "has to be owner/repo");
/** A user id: a canonical safe integer is a number, any other id is a text. */
export const userId = z.union([z.int(), text.min(1).refine((value) => String(Number.parseInt(value, 10)) !== value)]);
