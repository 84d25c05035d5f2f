import * as z from "zod";
import type { ObjectId } from "../domain/repository.js";
import type { GitHubClient } from "../github/github-client.js";
import { parseRepositoryName } from "../github/repository-name.js";

const BLOBS_IN_A_QUERY = 100;

const blobSizesSchema = z.object({
  repository: z.record(z.string(), z.object({ oid: z.string(), byteSize: z.number().optional() }).nullable()),
});

/**
 * Reads the sizes of blobs without their content.
 *
 * @returns bytes by id, without the blobs that GitHub does not have
 * @see https://docs.github.com/en/graphql/reference/objects#blob
 */
export async function readBlobSizes(
  client: GitHubClient,
  fullName: string,
  oids: Iterable<ObjectId>,
  signal: AbortSignal,
): Promise<ReadonlyMap<ObjectId, number>> {
  const { owner, name } = parseRepositoryName(fullName);
  const wanted = [...new Set(oids)];
  const sizes = new Map<ObjectId, number>();
  for (let start = 0; start < wanted.length; start += BLOBS_IN_A_QUERY) {
    const some = wanted.slice(start, start + BLOBS_IN_A_QUERY);
    const blobs = Object.fromEntries(some.map((oid, index) => [`blob${index}`, oid]));
    const options = { signal, retry: "safe" } as const;
    const { repository } = await client.graphql(
      blobSizesQuery(Object.keys(blobs)),
      { owner, name, ...blobs },
      blobSizesSchema,
      options,
    );
    for (const blob of Object.values(repository)) {
      if (blob?.byteSize !== undefined) sizes.set(blob.oid, blob.byteSize);
    }
  }
  return sizes;
}

function blobSizesQuery(names: readonly string[]): string {
  const variables = names.map((name) => `$${name}: GitObjectID!`);
  const fields = names.map((name) => `${name}: object(oid: $${name}) { oid ... on Blob { byteSize } }`);
  return /* GraphQL */ `
    query BlobSizes($owner: String!, $name: String!, ${variables.join(", ")}) {
      repository(owner: $owner, name: $name) {
        ${fields.join("\n")}
      }
    }
  `;
}
