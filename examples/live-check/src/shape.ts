import type { Json } from "./exchange.js";

/** Deeper members are not compared. */
const MAX_DEPTH = 6;

/**
 * Lists the differences between the shapes of two values: members that only one has, and members of different types. A `null` has
 * every type, and the elements of a list are one shape. Values are not compared.
 *
 * @returns one line per difference, such as `owner.node_id is missing in the box`
 */
export function shapeDifferences(reference: Json, box: Json, path = "", depth = 0): string[] {
  if (reference === null || box === null || depth > MAX_DEPTH) return [];
  const types = [typeOf(reference), typeOf(box)] as const;
  if (types[0] !== types[1]) return [`${path || "the body"} is ${types[0]}, in the box ${types[1]}`];
  if (isList(reference) && isList(box)) {
    return shapeDifferences(combined(reference), combined(box), `${path}[]`, depth + 1);
  }
  if (!isObject(reference) || !isObject(box)) return [];
  const names = [...new Set([...Object.keys(reference), ...Object.keys(box)])].sort();
  return names.flatMap((name) => {
    const member = path === "" ? name : `${path}.${name}`;
    const [expected, actual] = [reference[name], box[name]];
    if (actual === undefined) return [`${member} is missing in the box`];
    if (expected === undefined) return [`${member} exists only in the box`];
    return shapeDifferences(expected, actual, member, depth + 1);
  });
}

/** Returns one element with the members of all elements; `null` for an empty list. */
function combined(list: readonly Json[]): Json {
  const objects = list.filter(isObject);
  if (objects.length === 0) return list.find((element) => element !== null) ?? null;
  const members: Record<string, Json> = {};
  for (const [name, member] of objects.flatMap((object) => Object.entries(object))) members[name] ??= member;
  return members;
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function typeOf(value: Json): string {
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
