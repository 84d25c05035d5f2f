import { GraphQLError } from "graphql";

/** `errors[].type` of GitHub's GraphQL answers. */
export type FaultType = "FORBIDDEN" | "INSUFFICIENT_SCOPES" | "NOT_FOUND" | "STALE_DATA" | "UNPROCESSABLE";

/** An error that a resolver throws: GitHub sends its type beside the message, with status 200. */
export function graphqlFault(type: FaultType, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { type } });
}
