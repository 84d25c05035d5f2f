import * as z from "zod";
import { MAX_PROBLEMS } from "../issue-text.js";

/** The limits of a list's or record's size. */
export interface SizeLimits {
  /** Defaults to 0. */
  readonly min?: number;
  readonly max: number;
}

const documentation = new WeakMap<z.core.$ZodType, z.core.$ZodType>();

/** Returns the schema that documents a list or record of this file; `undefined` for any other schema. */
export function documentationOf(field: z.core.$ZodType): z.core.$ZodType | undefined {
  return documentation.get(field);
}

/**
 * Returns a schema for a list. The size is checked before the items, and validation stops after {@link MAX_PROBLEMS} problems:
 * the costs of an invalid list are bounded.
 */
export function list<Item extends z.ZodType>(item: Item, { min = 0, max }: SizeLimits) {
  const field = z.unknown().transform((given, context): z.output<Item>[] => {
    if (!Array.isArray(given)) return refuse(context, "must be a list");
    if (given.length < min) return refuse(context, `must have at least ${min} items`);
    if (given.length > max) return refuse(context, `must have at most ${max} items`);
    return [...parseEach(given.entries(), item, context).values()];
  });
  documentation.set(field, z.array(item).min(min).max(max));
  return field;
}

/** Returns a schema for a parameter of a query that may be repeated. It is bounded as {@link list} is. */
export function repeated<Item extends z.ZodType>(item: Item, { min = 0, max }: SizeLimits) {
  const field = z
    .unknown()
    .transform((given) => (typeof given === "string" ? [given] : given))
    .pipe(list(item, { min, max }));
  documentation.set(field, z.array(item).min(min).max(max));
  return field;
}

/** Returns a schema for an object with free keys, or a map with a known order, which is parsed to a map. It is bounded as {@link list} is. */
export function record<Value extends z.ZodType>(key: z.ZodString, value: Value, { min = 0, max }: SizeLimits) {
  const field = z.unknown().transform((given, context): ReadonlyMap<string, z.output<Value>> => {
    if (typeof given !== "object" || given === null || Array.isArray(given))
      return refuse(context, "must be an object");
    const entries: [string, unknown][] = given instanceof Map ? [...given] : Object.entries(given);
    const names = entries.map(([name]) => name);
    if (names.length < min) return refuse(context, `must have at least ${min} entries`);
    if (names.length > max) return refuse(context, `must have at most ${max} entries`);
    const keys = parseEach(names.entries(), key, context, (index) => names[index] ?? "");
    return keys.size < names.length ? new Map() : parseEach(entries, value, context);
  });
  documentation.set(field, z.record(key, value).meta({ minProperties: min, maxProperties: max }));
  return field;
}

/** Parses values by a schema until there are too many problems. Returns the parsed ones. */
function parseEach<Key extends PropertyKey, Schema extends z.ZodType>(
  entries: Iterable<readonly [Key, unknown]>,
  schema: Schema,
  context: z.RefinementCtx,
  nameOf: (key: Key) => PropertyKey = (key) => key,
): ReadonlyMap<Key, z.output<Schema>> {
  const parsed = new Map<Key, z.output<Schema>>();
  let problems = 0;
  for (const [key, value] of entries) {
    const { data, error } = schema.safeParse(value);
    if (error === undefined) {
      parsed.set(key, data);
      continue;
    }
    for (const { path, message } of error.issues) {
      context.addIssue({ code: "custom", path: [nameOf(key), ...path], message });
      problems += 1;
      if (problems === MAX_PROBLEMS) return parsed;
    }
  }
  return parsed;
}

function refuse(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: "custom", message });
  return z.NEVER;
}
