import { z } from "zod";
import { defined } from "../defined.js";
import { leftOutAs } from "./request-fields.js";

/** A schema in JSON Schema 2020-12, as OpenAPI 3.1 has them. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * A schema of requests (`input`) or answers (`output`) in JSON Schema.
 *
 * @param refer gives what stands in for a schema inside; `null` where it is written out
 */
export function toJsonSchema(
  root: z.core.$ZodType,
  io: "input" | "output",
  refer: (schema: z.core.$ZodType) => JsonSchema | null = () => null,
): JsonSchema {
  const { $schema: _, ...converted } = z.toJSONSchema(root, {
    io,
    reused: "inline",
    override({ zodSchema, jsonSchema }) {
      const reference = zodSchema === root ? null : refer(zodSchema);
      const leftOut = leftOutAs(zodSchema);
      if (reference !== null) replace(jsonSchema, reference);
      else if (leftOut !== undefined) replace(jsonSchema, leftOutSchema(jsonSchema, leftOut));
      else tidy(jsonSchema);
    },
  });
  return converted;
}

/** The default is told in words: generators of clients take a field that has one for a field that is always there. */
function leftOutSchema(schema: JsonSchema, words: string | null): JsonSchema {
  const { description, ...shape } = withoutNull(schema);
  const told = [description, words].filter((text) => typeof text === "string");
  return told.length === 0 ? shape : { ...shape, description: told.join("; ") };
}

/** Null is taken for a field that is left out; whoever writes a client need not know. */
function withoutNull({ anyOf, type, ...rest }: JsonSchema): JsonSchema {
  if (Array.isArray(type)) return { type: type.filter((one) => one !== "null")[0], ...rest };
  if (!Array.isArray(anyOf)) return { ...defined({ type }), ...rest };
  const others: readonly JsonSchema[] = anyOf.filter((one) => one.type !== "null");
  return others.length === 1 ? { ...others[0], ...rest } : { ...rest, anyOf: others };
}

/** Numbers of a query are texts first, and times have a format: neither needs its pattern. Answers may get more fields one day. */
function tidy(schema: z.core.JSONSchema.BaseSchema): void {
  if (schema.type === "integer" || schema.format === "date-time") delete schema.pattern;
  if (schema.additionalProperties === false) delete schema.additionalProperties;
}

function replace(target: z.core.JSONSchema.BaseSchema, source: JsonSchema): void {
  for (const key of Object.keys(target)) delete target[key];
  Object.assign(target, source);
}
