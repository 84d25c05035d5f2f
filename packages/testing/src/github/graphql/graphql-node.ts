/** An object that graphql-js resolves. Its members are values, or functions of the field's arguments. */
export type GraphqlNode = Record<string, unknown> & { __typename: string };
