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
import { expect, test } from "vitest";
import { SCHEMA } from "../../../src/github/graphql/schema-source.js";
import * as queries from "./queries.js";

const ours = buildSchema(SCHEMA);
// GitHub itself publishes a field twice, which the check of the document would stop at.
const theirs = buildSchema(github.idl, { assumeValidSDL: true });

/** What a type offers, one line each: `field(arg: Type = default): Type`, enum values, interfaces. */
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

/** Arguments and input fields that GitHub insists on: leaving one out would accept what GitHub refuses. */
function demanded(type: GraphQLNamedType | undefined): string[] {
  if (isInputObjectType(type)) {
    return Object.values(type.getFields()).flatMap(({ name, type: of, defaultValue }) =>
      `${of}`.endsWith("!") && defaultValue === undefined ? [name] : [],
    );
  }
  return [];
}

test("the box's schema is a part of GitHub's, type by type and field by field", () => {
  const differences: string[] = [];
  for (const type of Object.values(ours.getTypeMap())) {
    if (type.name.startsWith("__") || isSpecifiedScalarType(type)) continue;
    const counterpart = theirs.getType(type.name);
    if (counterpart?.astNode?.kind !== type.astNode?.kind) differences.push(`${type.name} is another kind of type`);
    const known = new Set(lines(counterpart));
    for (const line of lines(type)) if (!known.has(line)) differences.push(`${type.name}.${line}`);
    const offered = lines(type).map((line) => line.split(":")[0]);
    for (const name of demanded(counterpart))
      if (!offered.includes(name)) differences.push(`${type.name} lacks ${name}`);
  }
  expect(differences).toEqual([]);
  expect(Object.keys(ours.getTypeMap()).length).toBeGreaterThan(40);
});

test("the comparison finds an invented field, a changed type and a changed default", () => {
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

test.each(Object.entries(queries))("%s is valid for the box and for GitHub", (_, query) => {
  expect(validate(ours, parse(query)).map(String)).toEqual([]);
  expect(validate(theirs, parse(query)).map(String)).toEqual([]);
});
