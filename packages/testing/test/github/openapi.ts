import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Ajv, type ValidateFunction } from "ajv";

type Json = Record<string, unknown>;

/** A request and its response. */
export interface Exchange {
  /** Method and template, such as `PATCH /repos/{owner}/{repo}/git/refs/{ref}`. */
  route: string;
  requestBody: unknown;
  status: number;
  responseBody: unknown;
}

/**
 * Validates the items of the list of installations as single installations, because the description of the list requires an
 * account that is a user and an enterprise at once.
 */
export function asDescribed(exchange: Exchange): Exchange[] {
  const { route, status, responseBody } = exchange;
  if (route !== "GET /app/installations" || status !== 200 || !Array.isArray(responseBody)) return [exchange];
  const one = { ...exchange, route: "GET /app/installations/{installation_id}" };
  return responseBody.map((item: unknown) => ({ ...one, responseBody: item }));
}

/** Validates exchanges and webhook payloads against GitHub's OpenAPI description. */
export class OpenApi {
  private readonly document: Json;
  private readonly ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  private readonly validators = new Map<string, ValidateFunction>();

  constructor() {
    // The package's entry point also loads the descriptions of all GitHub Enterprise versions.
    const path = createRequire(import.meta.url).resolve("@octokit/openapi/generated/api.github.com.json");
    this.document = nullableToUnion(JSON.parse(readFileSync(path, "utf8"))) as Json;
    this.ajv.addSchema(this.document, "github");
  }

  /** True when GitHub describes a route. */
  knows(route: string): boolean {
    return this.operation(route) !== undefined;
  }

  /** Returns the differences of a webhook payload, such as `installation` `created`, from the description. */
  webhookProblems(event: string, action: string | null, payload: unknown): string[] {
    const name = (action === null ? event : `${event}-${action}`).replaceAll("_", "-");
    const path = ["x-webhooks", name, "post", "requestBody", "content", "application/json", "schema"];
    const reference = at(this.document, path)?.$ref;
    if (typeof reference !== "string") return [`${name} is not in GitHub's description`];
    const pointer = reference.slice(1);
    return [...this.validate(pointer, payload, name), ...this.unknownMembers(pointer, payload, name)];
  }

  /** Returns the differences of an exchange from the description. */
  problems({ route, requestBody, status, responseBody }: Exchange): string[] {
    const operation = this.operation(route);
    if (operation === undefined) return [`${route} is not in GitHub's description`];
    const problems: string[] = [];
    const requestSchema = at(operation.node, ["requestBody", "content", "application/json", "schema"]);
    if (requestSchema !== undefined && status < 400) {
      const pointer = `${operation.pointer}/requestBody/content/application~1json/schema`;
      problems.push(...this.validate(pointer, requestBody, `${route} request`));
    }
    const response = this.responsePointer(operation, status);
    if (response === undefined) {
      // All repository routes redirect after a rename, also where the description does not list it.
      if (status < 300) return [...problems, `${route} has no response ${status}`];
      return [...problems, ...this.validate("/components/schemas/basic-error", responseBody, `${route} ${status}`)];
    }
    if (response.schema === undefined) return problems;
    problems.push(...this.validate(response.schema, responseBody, `${route} ${status}`));
    if (status < 400) problems.push(...this.unknownMembers(response.schema, responseBody, `${route} ${status}`));
    return problems;
  }

  /**
   * Returns the differences of a request from the description: unknown or invalid query parameters, an invalid body, and unknown
   * members of the body.
   */
  requestProblems({ route, query, body }: { route: string; query: URLSearchParams; body?: unknown }): string[] {
    const operation = this.operation(route);
    if (operation === undefined) return [`${route} is not in GitHub's description`];
    const problems = [...query].flatMap(([name, value]) => this.queryProblems(operation.node, name, value));
    const pointer = `${operation.pointer}/requestBody/content/application~1json/schema`;
    if (body !== undefined) {
      if (at(operation.node, ["requestBody", "content", "application/json", "schema"]) === undefined) {
        problems.push("has no request body");
      } else problems.push(...this.validate(pointer, body, "body"), ...this.unknownMembers(pointer, body, "body"));
    }
    return problems.map((problem) => `${route}: ${problem}`);
  }

  private queryProblems(operation: Json, name: string, value: string): string[] {
    const parameters = (Array.isArray(operation.parameters) ? operation.parameters : [])
      .filter(isObject)
      .map((parameter) => (typeof parameter.$ref === "string" ? this.resolve(parameter.$ref) : parameter));
    const parameter = parameters.find((candidate) => candidate.in === "query" && candidate.name === name);
    if (parameter === undefined) return [`the query parameter ${name} is not in GitHub's description`];
    const schema = isObject(parameter.schema) ? parameter.schema : {};
    const coercing = new Ajv({ strict: false, validateFormats: false, coerceTypes: true });
    return coercing.validate({ type: "object", properties: { value: schema } }, { value })
      ? []
      : [`the query parameter ${name} has the invalid value ${value}`];
  }

  private operation(route: string): { node: Json; pointer: string } | undefined {
    const [method = "", template = ""] = route.split(" ");
    const node = at(this.document, ["paths", template, method.toLowerCase()]);
    if (node === undefined) return undefined;
    return { node, pointer: `/paths/${escapePointer(template)}/${method.toLowerCase()}` };
  }

  private responsePointer(
    operation: { node: Json; pointer: string },
    status: number,
  ): { schema: string | undefined } | undefined {
    let response = at(operation.node, ["responses", String(status)]);
    if (response === undefined) return undefined;
    let pointer = `${operation.pointer}/responses/${status}`;
    if (typeof response.$ref === "string") {
      pointer = response.$ref.slice(1);
      response = this.resolve(response.$ref);
    }
    const hasSchema = at(response, ["content", "application/json", "schema"]) !== undefined;
    return { schema: hasSchema ? `${pointer}/content/application~1json/schema` : undefined };
  }

  private validate(pointer: string, value: unknown, what: string): string[] {
    let validate = this.validators.get(pointer);
    if (validate === undefined) {
      validate = this.ajv.compile({ $ref: `github#${encodeURI(pointer)}` });
      this.validators.set(pointer, validate);
    }
    if (validate(value)) return [];
    // Several error schemas have no required members, so that a response can match more than one of them.
    const errors = (validate.errors ?? []).filter(
      ({ keyword, params }) => keyword !== "oneOf" || params.passingSchemas === null,
    );
    return errors.map(({ instancePath, message }) => `${what}: ${instancePath} ${message}`);
  }

  /** Returns the members that the description does not have. */
  private unknownMembers(pointer: string, value: unknown, what: string): string[] {
    return this.unknown([this.resolve(`#${pointer}`)], value, what);
  }

  private unknown(schemas: readonly Json[], value: unknown, path: string): string[] {
    const parts = schemas.flatMap((schema) => this.parts(schema));
    if (Array.isArray(value)) {
      const items = parts.map(({ items }) => items).filter(isObject);
      return items.length === 0 ? [] : value.flatMap((item) => this.unknown(items, item, `${path}[]`));
    }
    if (!isObject(value)) return [];
    const isOpen = parts.some((part) => part.properties === undefined && part.type === "object");
    const known = parts.map(({ properties }) => properties).filter(isObject);
    if (known.length === 0 || isOpen || parts.some(({ additionalProperties }) => additionalProperties)) return [];
    return Object.entries(value).flatMap(([name, member]) => {
      const schemasOfMember = known.map((properties) => properties[name]).filter(isObject);
      if (schemasOfMember.length === 0) return [`${path}.${name} is not in GitHub's description`];
      return this.unknown(schemasOfMember, member, `${path}.${name}`);
    });
  }

  /** Returns a schema with all schemas that it is composed of. */
  private parts(schema: Json): Json[] {
    if (typeof schema.$ref === "string") return this.parts(this.resolve(schema.$ref));
    const composed = ["allOf", "anyOf", "oneOf"].flatMap((word) => (Array.isArray(schema[word]) ? schema[word] : []));
    return [schema, ...composed.filter(isObject).flatMap((part) => this.parts(part))];
  }

  private resolve(reference: string): Json {
    const names = reference
      .slice(2)
      .split("/")
      .map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
    const found = at(this.document, names);
    if (found === undefined) throw new Error(`${reference} does not exist`);
    return found;
  }
}

function at(value: Json, names: readonly string[]): Json | undefined {
  let current: unknown = value;
  for (const name of names) {
    if (!isObject(current)) return undefined;
    current = current[name];
  }
  return isObject(current) ? current : undefined;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function escapePointer(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** Converts `nullable` of OpenAPI 3.0 to JSON Schema. */
function nullableToUnion(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(nullableToUnion);
  if (!isObject(value)) return value;
  const { nullable, ...rest } = Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, name === "example" ? member : nullableToUnion(member)]),
  );
  if (nullable !== true) return nullable === undefined || nullable === false ? rest : { nullable, ...rest };
  if (typeof rest.type !== "string") return { anyOf: [rest, { type: "null" }] };
  const withNull = Array.isArray(rest.enum) ? { enum: [...rest.enum, null] } : {};
  return { ...rest, ...withNull, type: [rest.type, "null"] };
}
