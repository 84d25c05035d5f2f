import { schema as github } from "@octokit/graphql-schema";
import {
  buildSchema,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
  parse,
  validate,
} from "graphql";
import { describe, expect, it } from "vitest";
import { SCHEMA } from "../../../src/github/graphql/schema-source.js";
import * as queries from "./queries.js";

const ours = buildSchema(SCHEMA);
// GitHub's schema contains a field twice, which validation would reject.
const theirs = buildSchema(github.idl, { assumeValidSDL: true });

/** Returns the fields, arguments, enum values and interfaces of a type, one per line. */
function lines(type: GraphQLNamedType | undefined): string[] {
  if (isEnumType(type)) return type.getValues().map(({ name }) => name);
  if (isInputObjectType(type)) {
    return Object.values(type.getFields()).map(
      ({ name, type: of, defaultValue }) => `${name}: ${of} = ${JSON.stringify(defaultValue)}`,
    );
  }
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  const fields = Object.values(type.getFields()).flatMap(({ name, args, type: of }) => [
    `${name}: ${of}`,
    ...args.map((arg) => `${name}(${arg.name}: ${arg.type} = ${JSON.stringify(arg.defaultValue)})`),
  ]);
  return [...fields, ...type.getInterfaces().map(({ name }) => `implements ${name}`)];
}

/** Returns the required input fields of a type. Without them, the box would accept requests that GitHub rejects. */
function requiredFields(type: GraphQLNamedType | undefined): string[] {
  if (isInputObjectType(type)) {
    return Object.values(type.getFields()).flatMap(({ name, type: of, defaultValue }) =>
      `${of}`.endsWith("!") && defaultValue === undefined ? [name] : [],
    );
  }
  return [];
}

describe("SCHEMA", () => {
  it("contains only types, fields and arguments of GitHub's schema, and all required input fields", () => {
    const differences: string[] = [];
    for (const type of Object.values(ours.getTypeMap())) {
      if (type.name.startsWith("__") || isSpecifiedScalarType(type)) continue;
      const counterpart = theirs.getType(type.name);
      if (counterpart?.astNode?.kind !== type.astNode?.kind) differences.push(`${type.name} is another kind of type`);
      const known = new Set(lines(counterpart));
      for (const line of lines(type)) if (!known.has(line)) differences.push(`${type.name}.${line}`);
      const offered = lines(type).map((line) => line.split(":")[0]);
      for (const name of requiredFields(counterpart))
        if (!offered.includes(name)) differences.push(`${type.name} lacks ${name}`);
    }
    expect(differences).toEqual([]);
    expect(Object.keys(ours.getTypeMap()).length).toBeGreaterThan(40);
  });

  it("is compared with GitHub's schema by fields and defaults", () => {
    const changed = buildSchema(
      SCHEMA.replace("isEmpty: Boolean!", "isEmpty: Boolean! invented: Int").replace(
        "force: Boolean = false",
        "force: Boolean = true",
      ),
    );
    const known = (name: string): Set<string> => new Set(lines(theirs.getType(name)));
    expect(lines(changed.getType("Repository")).filter((line) => !known("Repository").has(line))).toEqual([
      "invented: Int",
    ]);
    expect(lines(changed.getType("RefUpdate")).filter((line) => !known("RefUpdate").has(line))).toEqual([
      "force: Boolean = true",
    ]);
  });

  it.each(Object.entries(queries))("accepts %s as GitHub's schema does", (_, query) => {
    expect(validate(ours, parse(query)).map(String)).toEqual([]);
    expect(validate(theirs, parse(query)).map(String)).toEqual([]);
  });
});
