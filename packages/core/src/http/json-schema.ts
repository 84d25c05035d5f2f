import * as z from "zod";
import { defined } from "../defined.js";
import { documentationOf } from "./bounded-fields.js";
import { leftOutAs } from "./request-fields.js";

/** A JSON Schema 2020-12, as OpenAPI 3.1 uses it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * Converts a schema of requests (`input`) or responses (`output`) to JSON Schema.
 *
 * @param refer Returns a reference to use in place of a nested schema; `null` to inline it.
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
      const documentation = documentationOf(zodSchema);
      if (reference !== null) replace(jsonSchema, reference);
      else if (documentation !== undefined) replace(jsonSchema, toJsonSchema(documentation, io, refer));
      else if (leftOut !== undefined) replace(jsonSchema, leftOutSchema(jsonSchema, leftOut));
      else tidy(jsonSchema);
    },
  });
  return converted;
}

/** The description contains the default, since client generators treat a field with a `default` as always present. */
function leftOutSchema(schema: JsonSchema, words: string | null): JsonSchema {
  const { description, ...shape } = withoutNull(schema);
  const texts = [description, words].filter((text) => typeof text === "string");
  return texts.length === 0 ? shape : { ...shape, description: texts.join(". ") };
}

/** Null means an omitted field; documenting it would only complicate generated clients. */
function withoutNull({ anyOf, type, ...rest }: JsonSchema): JsonSchema {
  if (Array.isArray(type)) return { type: type.filter((one) => one !== "null")[0], ...rest };
  if (!Array.isArray(anyOf)) return { ...defined({ type }), ...rest };
  const others: readonly JsonSchema[] = anyOf.filter((one) => one.type !== "null");
  return others.length === 1 ? { ...others[0], ...rest } : { ...rest, anyOf: others };
}

/** Numbers in queries and times do not need their pattern. Responses may get more fields later. */
function tidy(schema: z.core.JSONSchema.BaseSchema): void {
  if (schema.type === "integer" || schema.format === "date-time") delete schema.pattern;
  if (schema.additionalProperties === false) delete schema.additionalProperties;
}

function replace(target: z.core.JSONSchema.BaseSchema, source: JsonSchema): void {
  for (const key of Object.keys(target)) delete target[key];
  Object.assign(target, source);
}
