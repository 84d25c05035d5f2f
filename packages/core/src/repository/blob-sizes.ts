import * as z from "zod";
import type { ObjectId } from "../domain/repository.js";
import type { GitHubClient } from "../github/github-client.js";
import { parseRepositoryName } from "../github/repository-name.js";

const BLOBS_IN_A_QUERY = 100;

const blobSizesSchema = z.object({
  repository: z.record(
    z.string(),
    z.object({ oid: z.string(), byteSize: z.number().optional(), isBinary: z.boolean().nullish() }).nullable(),
  ),
});

/** A blob without its content. */
export interface BlobInfo {
  /** Bytes. */
  readonly size: number;
  /** False when GitHub does not know. */
  readonly isBinary: boolean;
}

/** Reads the sizes of blobs without their content: bytes by id, without the blobs that GitHub does not have. */
export async function readBlobSizes(
  client: GitHubClient,
  fullName: string,
  oids: Iterable<ObjectId>,
  signal: AbortSignal,
): Promise<ReadonlyMap<ObjectId, number>> {
  const blobs = await readBlobInfo(client, fullName, oids, signal);
  return new Map(Array.from(blobs, ([oid, { size }]) => [oid, size]));
}

/**
 * Reads what GitHub knows of blobs besides their content.
 *
 * @returns by id, without the blobs that GitHub does not have
 * @see https://docs.github.com/en/graphql/reference/objects#blob
 */
export async function readBlobInfo(
  client: GitHubClient,
  fullName: string,
  oids: Iterable<ObjectId>,
  signal: AbortSignal,
): Promise<ReadonlyMap<ObjectId, BlobInfo>> {
  const { owner, name } = parseRepositoryName(fullName);
  const wanted = [...new Set(oids)];
  const found = new Map<ObjectId, BlobInfo>();
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
      if (blob?.byteSize === undefined) continue;
      found.set(blob.oid, { size: blob.byteSize, isBinary: blob.isBinary ?? false });
    }
  }
  return found;
}

function blobSizesQuery(names: readonly string[]): string {
  const variables = names.map((name) => `$${name}: GitObjectID!`);
  const fields = names.map((name) => `${name}: object(oid: $${name}) { oid ... on Blob { byteSize isBinary } }`);
  return /* GraphQL */ `
    query BlobSizes($owner: String!, $name: String!, ${variables.join(", ")}) {
      repository(owner: $owner, name: $name) {
        ${fields.join("\n")}
      }
    }
  `;
}
