import { GraphQLError } from "graphql";

/** The values of `errors[].type`. */
export type FaultType = "FORBIDDEN" | "INSUFFICIENT_SCOPES" | "NOT_FOUND" | "STALE_DATA" | "UNPROCESSABLE";

/** Creates an error for resolvers to throw. It is sent with its type and status 200. */
export function graphqlFault(type: FaultType, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { type } });
}
