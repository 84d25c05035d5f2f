import { z } from "zod";
import type { Json } from "./exchange.js";
import type { Target, TargetResponse } from "./target.js";

const COMMIT = `mutation ($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid } }
}`;
const UPDATE = `mutation ($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }`;
const REPOSITORY = `query ($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { id } }`;
const repositorySchema = z.object({ data: z.object({ repository: z.object({ id: z.string() }) }) });

/** Adds a file to a branch by `createCommitOnBranch`. */
export function commitOnBranch(
  target: Target,
  label: string,
  branch: string,
  expectedHeadOid: string,
  path: string,
  content: string | Buffer,
): Promise<TargetResponse> {
  const contents = Buffer.from(content).toString("base64");
  const input = {
    branch: { repositoryNameWithOwner: `${target.service.owner}/${target.repository}`, branchName: branch },
    expectedHeadOid,
    message: { headline: label },
    fileChanges: { additions: [{ path, contents }] },
  };
  return target.graphql(label, COMMIT, { input }, { isLarge: contents.length > 100_000 });
}

/** Returns the repository's ID in GraphQL. The request is not compared: its response is an ID. */
export async function repositoryId(target: Target): Promise<string> {
  const variables = { owner: target.service.owner, name: target.repository };
  const { body } = await target.graphql("ID of the repository", REPOSITORY, variables);
  return repositorySchema.parse(body).data.repository.id;
}

/** Updates a ref by `updateRefs`. */
export function updateRef(target: Target, label: string, repository: string, update: Json): Promise<TargetResponse> {
  return target.graphql(label, UPDATE, { input: { repositoryId: repository, refUpdates: [update] } });
}
