import type { RequestCost } from "../adapters/rate-budget.js";

/** The cost of a request, without the caller. */
export type CostOfRequest = Omit<RequestCost, "isInteractive">;

// Objects of a repository are not visible: they cost points, while the request that moves the branch to them creates content.
const CREATES_NOTHING = /\/git\/(?:blobs|trees|commits|tags)$|\/access_tokens$/;
const READ_POINTS = 1;
const WRITE_POINTS = 5;

/** The cost of one request of git's protocol, which GitHub does not count with those of its API. */
export const GIT_COST: CostOfRequest = { creates: false, points: 0, resource: "git" };

/** Returns the cost of a REST request. */
export function restCost(method: string, path: string): CostOfRequest {
  const writes = method !== "GET" && method !== "HEAD";
  const creates = writes && !CREATES_NOTHING.test(path);
  return { creates, points: writes ? WRITE_POINTS : READ_POINTS, resource: "core" };
}

/** Returns the cost of a GraphQL request. */
export function graphqlCost(query: string): CostOfRequest {
  const writes = query.trimStart().startsWith("mutation");
  return { creates: writes, points: writes ? WRITE_POINTS : READ_POINTS, resource: "graphql" };
}
