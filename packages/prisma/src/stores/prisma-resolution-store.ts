import type { ResolutionStore, StoredResolution, SyncTarget } from "@infrajet/github/adapters";
import * as z from "zod";
import type { StoreDatabase } from "../store-database.js";
import { storeKey } from "../store-key.js";
import { parseStored } from "../stored-json.js";
import type { ConflictResolutionRow } from "./resolution-row.js";

// The parameters of this many IDs fit into one statement on every database.
const IDS_AT_ONCE = 500;

const choiceSchema = z.enum(["ours", "theirs", "merged"]);

/** A resolution store in `github_conflict_resolutions`: one row for each target and path. */
export class PrismaResolutionStore implements ResolutionStore {
  readonly #database: StoreDatabase;

  constructor(database: StoreDatabase) {
    this.#database = database;
  }

  async list(target: SyncTarget): Promise<readonly StoredResolution[]> {
    const rows = await this.#database.run(async ({ gitHubConflictResolution }) =>
      gitHubConflictResolution.findMany({ where: { targetKey: targetKeyOf(target) } }),
    );
    const resolutions = rows.flatMap(
      (row) => this.#database.decodeOrSkip("resolution", row.key, () => resolutionOf(row)) ?? [],
    );
    // Databases order texts by their collation.
    return resolutions.sort((left, right) => (left.path < right.path ? -1 : 1));
  }

  put(target: SyncTarget, { id, path, localOid, remoteOid, decision, createdAt }: StoredResolution): Promise<void> {
    const targetKey = targetKeyOf(target);
    const key = storeKey(targetKey, path);
    const decided =
      "content" in decision
        ? { choice: null, content: Uint8Array.from(decision.content) }
        : { choice: decision.choice, content: null };
    const data = { key, targetKey, resolutionId: id, path, localOid, remoteOid, ...decided, createdAt };
    return this.#database.run(async ({ gitHubConflictResolution }) => {
      const replaced = await gitHubConflictResolution.updateMany({ where: { key }, data });
      if (replaced.count === 0) await gitHubConflictResolution.create({ data });
    });
  }

  async remove(target: SyncTarget, ids: readonly string[]): Promise<void> {
    const targetKey = targetKeyOf(target);
    for (let start = 0; start < ids.length; start += IDS_AT_ONCE) {
      const some = ids.slice(start, start + IDS_AT_ONCE);
      await this.#database.run(async ({ gitHubConflictResolution }) =>
        gitHubConflictResolution.deleteMany({ where: { targetKey, resolutionId: { in: some } } }),
      );
    }
  }
}

function resolutionOf({ resolutionId, path, localOid, remoteOid, choice, content, createdAt }: ConflictResolutionRow) {
  const decision =
    content === null
      ? { choice: parseStored("resolution", choiceSchema, choice) }
      : { content: Uint8Array.from(content) };
  return { id: resolutionId, path, localOid, remoteOid, decision, createdAt } satisfies StoredResolution;
}

function targetKeyOf({ apiUrl, repositoryId, branch, source, directory }: SyncTarget): string {
  return storeKey(apiUrl, repositoryId, branch, source, directory);
}
