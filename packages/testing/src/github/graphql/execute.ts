import {
  buildASTSchema,
  type DocumentNode,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  parse,
  specifiedRules,
  validate,
  visit,
} from "graphql";
import { parseNodeId } from "../ids.js";
import { canSee } from "../repositories/access.js";
import type { BoxRepository } from "../repositories/repository.js";
import { accountNode } from "./account-node.js";
import { type GraphqlContext, repositoryById, unknownNode } from "./context.js";
import { createCommitOnBranch } from "./create-commit-on-branch.js";
import { createPullRequest } from "./create-pull-request.js";
import { graphqlFault } from "./graphql-fault.js";
import { objectNode, refNode, repositoryNode } from "./nodes.js";
import { pullRequestNode } from "./pull-request-node.js";
import { createRef, updateRefs } from "./ref-mutations.js";
import { SCHEMA } from "./schema-source.js";
import { validationPath } from "./validation-path.js";

/** The body of a GraphQL request. */
export interface GraphqlRequest {
  query: string;
  variables?: Record<string, unknown>;
  operationName?: string;
}

/** An entry of `errors`. */
export interface GraphqlErrorPayload {
  type?: string;
  path?: readonly (string | number)[];
  extensions?: Record<string, unknown>;
  locations?: readonly { line: number; column: number }[];
  message: string;
}

/** The body of a GraphQL response. Its status is 200 also when it has errors. */
export interface GraphqlResponse {
  data?: unknown;
  errors?: GraphqlErrorPayload[];
}

const ROOT = {
  viewer: (_: unknown, context: GraphqlContext) => accountNode(context, context.credential.actor),
  rateLimit: (_: unknown, { budget }: GraphqlContext) => ({
    __typename: "RateLimit",
    limit: budget.limit,
    cost: 1,
    nodeCount: 0,
    remaining: budget.remaining,
    used: budget.used,
    resetAt: new Date(budget.reset * 1000).toISOString().replace(".000Z", "Z"),
  }),
  repository: findRepository,
  node: findNode,
  createCommitOnBranch,
  createPullRequest,
  createRef,
  updateRefs,
};

/** Executes GraphQL requests against the box's part of GitHub's schema. */
export class GraphqlApi {
  private readonly schemas = new Map<string, GraphQLSchema>();
  private readonly prepared = new Map<GraphQLSchema, Map<string, PreparedQuery>>();

  /** Executes a request. `disabled` contains fields (`Type.field`) to remove from the schema. */
  async run(request: GraphqlRequest, disabled: ReadonlySet<string>, context: GraphqlContext): Promise<GraphqlResponse> {
    const schema = this.schema(disabled);
    const { document, errors } = this.prepare(schema, request.query);
    if (document === undefined) return { errors };
    const result = await execute({
      schema,
      document,
      rootValue: ROOT,
      contextValue: context,
      variableValues: request.variables ?? {},
      operationName: request.operationName ?? null,
    });
    return resultPayload(result);
  }

  /** Parses and validates a query. Caches the result, because clients repeat a few queries. */
  private prepare(schema: GraphQLSchema, query: string): PreparedQuery {
    const known = this.prepared.get(schema) ?? new Map<string, PreparedQuery>();
    this.prepared.set(schema, known);
    const prepared = known.get(query) ?? prepareQuery(schema, query);
    if (known.size < 500) known.set(query, prepared);
    return prepared;
  }

  private schema(disabled: ReadonlySet<string>): GraphQLSchema {
    const key = [...disabled].sort().join();
    const known = this.schemas.get(key);
    if (known !== undefined) return known;
    const document = visit(parse(SCHEMA, { noLocation: true }), {
      ObjectTypeDefinition: (type) => ({
        ...type,
        fields: (type.fields ?? []).filter((field) => !disabled.has(`${type.name.value}.${field.name.value}`)),
      }),
    });
    const schema = buildASTSchema(document);
    this.schemas.set(key, schema);
    return schema;
  }
}

/** A valid query, or the errors of an invalid one. */
type PreparedQuery = { document: DocumentNode; errors?: never } | { document?: never; errors: GraphqlErrorPayload[] };

function prepareQuery(schema: GraphQLSchema, query: string): PreparedQuery {
  try {
    const document = parse(query);
    const invalid = validate(schema, document, specifiedRules);
    return invalid.length > 0 ? { errors: invalid.map((error) => validationPayload(error, document)) } : { document };
  } catch (error) {
    if (error instanceof GraphQLError) return { errors: [{ ...located(error), message: error.message }] };
    throw error;
  }
}

/** Returns the first root field of a request, or `undefined` when the query cannot be parsed. */
export function operationOf(query: string): { name: string; isMutation: boolean } | undefined {
  try {
    const operation = parse(query).definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
    const field = operation?.selectionSet.selections.find((selection) => selection.kind === Kind.FIELD);
    return operation && field && { name: field.name.value, isMutation: operation.operation === "mutation" };
  } catch {
    return undefined;
  }
}

function findRepository(
  { owner, name, followRenames }: { owner: string; name: string; followRenames: boolean },
  context: GraphqlContext,
): unknown {
  const { repositories } = context.platform;
  const former = followRenames ? repositories.findFormer(owner, name) : undefined;
  const repository = repositories.find(owner, name) ?? former;
  if (repository === undefined || !canSee(context.credential, repository)) {
    throw graphqlFault("NOT_FOUND", `Could not resolve to a Repository with the name '${owner}/${name}'.`);
  }
  return repositoryNode(context, repository);
}

async function findNode({ id }: { id: string }, context: GraphqlContext): Promise<unknown> {
  const node = parseNodeId(id);
  if (node === undefined) throw unknownNode(id);
  if (node.type === "Repository") return repositoryNode(context, repositoryById(context, id));
  if (node.type === "PullRequest") return findPullRequest(context, Number(node.key), id);
  const [, owner = "", rest = ""] = /^(\d+):(.+)$/.exec(node.key) ?? [];
  const repository = context.platform.repositories.findById(Number(owner));
  if (repository === undefined || !canSee(context.credential, repository)) throw unknownNode(id);
  const found = node.type === "Ref" ? refNode(context, repository, rest) : await objectNode(context, repository, rest);
  if (found === null) throw unknownNode(id);
  return found;
}

function findPullRequest(context: GraphqlContext, pullId: number, id: string): unknown {
  const holds = (repository: BoxRepository): boolean => repository.pulls.some((pull) => pull.id === pullId);
  const repository = context.platform.repositories.list().find(holds);
  const pull = repository?.pulls.find((candidate) => candidate.id === pullId);
  if (repository === undefined || pull === undefined || !canSee(context.credential, repository)) throw unknownNode(id);
  return pullRequestNode(context, repository, pull);
}

/** GitHub sends `type` beside the message. Errors without a type are bugs of the box and thrown. */
function resultPayload({ data, errors }: ExecutionResult): GraphqlResponse {
  if (errors === undefined) return { data };
  const unexpected = errors.find(({ originalError, extensions }) => originalError && extensions.type === undefined);
  if (unexpected?.originalError !== undefined) throw unexpected.originalError;
  return {
    ...(data === undefined ? {} : { data }),
    errors: errors.map((error) => ({
      ...(typeof error.extensions.type === "string" ? { type: error.extensions.type } : {}),
      ...located(error),
      message: error.message,
    })),
  };
}

function located(error: GraphQLError): Pick<GraphqlErrorPayload, "path" | "locations"> {
  return {
    ...(error.path === undefined ? {} : { path: error.path }),
    ...(error.locations === undefined
      ? {}
      : { locations: error.locations.map(({ line, column }) => ({ line, column })) }),
  };
}

function validationPayload(error: GraphQLError, document: DocumentNode): GraphqlErrorPayload {
  const [, field, type] = /^Cannot query field "(\w+)" on type "(\w+)"/.exec(error.message) ?? [];
  if (field === undefined || type === undefined) return { ...located(error), message: error.message };
  return {
    path: validationPath(document, error.nodes?.[0]),
    extensions: { code: "undefinedField", typeName: type, fieldName: field },
    ...located(error),
    message: `Field '${field}' doesn't exist on type '${type}'`,
  };
}
