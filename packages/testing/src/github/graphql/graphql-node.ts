/** Objects that graphql-js resolves further: members are values, or functions of the field's arguments. */
export type GraphqlNode = Record<string, unknown> & { __typename: string };
