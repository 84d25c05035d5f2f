import {
  type Baseline,
  type BaselineStore,
  decodeBaseline,
  decodeStagedChange,
  encodeBaseline,
  encodeStagedChange,
  type StagedChange,
  type StoredBaseline,
  type SyncTarget,
} from "@infrajet/github/adapters";
import type { BaselineRow } from "../client.js";
import type { StoreDatabase } from "../store-database.js";
import { storeKey } from "../store-key.js";

/** A baseline store in `github_baselines`. Each baseline is compressed, and written and read in one statement. */
export class PrismaBaselineStore implements BaselineStore {
  readonly #database: StoreDatabase;

  constructor(database: StoreDatabase) {
    this.#database = database;
  }

  load(target: SyncTarget): Promise<StoredBaseline> {
    return this.#database.run(async ({ gitHubBaseline }) => {
      const row = await gitHubBaseline.findFirst({ where: { key: keyOf(target) } });
      return {
        baseline: row === null || row.baseline === null ? null : decodeBaseline(row.baseline),
        staged: row === null || row.staged === null ? null : decodeStagedChange(row.staged),
      };
    });
  }

  stage(target: SyncTarget, staged: StagedChange, leaseToken: number): Promise<boolean> {
    return this.#write(target, leaseToken, { staged: Uint8Array.from(encodeStagedChange(staged)) });
  }

  save(target: SyncTarget, baseline: Baseline, leaseToken: number): Promise<boolean> {
    return this.#write(target, leaseToken, { baseline: Uint8Array.from(encodeBaseline(baseline)), staged: null });
  }

  unstage(target: SyncTarget, leaseToken: number): Promise<boolean> {
    return this.#write(target, leaseToken, { staged: null });
  }

  /**
   * Removes the baselines of targets that no sync has written to since `time`, oldest first, and returns their number. The next
   * sync of such a target has no common base: every file that differs is a conflict. So the SDK never calls this by itself.
   *
   * @param limit the maximum number of baselines to remove
   */
  removeUnusedSince(time: Date, limit: number): Promise<number> {
    const unused = { updatedAt: { lt: time } };
    return this.#database.run(async ({ gitHubBaseline }) => {
      const rows = await gitHubBaseline.findMany({
        where: unused,
        select: { key: true },
        orderBy: [{ updatedAt: "asc" }],
        take: limit,
      });
      const { count } = await gitHubBaseline.deleteMany({
        where: { key: { in: rows.map(({ key }) => key) }, ...unused },
      });
      return count;
    });
  }

  async #write(
    target: SyncTarget,
    leaseToken: number,
    change: Partial<Pick<BaselineRow, "baseline" | "staged">>,
  ): Promise<boolean> {
    const key = keyOf(target);
    const token = BigInt(leaseToken);
    // `updatedAt` is used only by `removeUnusedSince`, so this host's clock is accurate enough.
    const data = { ...change, leaseToken: token, updatedAt: new Date() };
    return this.#database.run(async ({ gitHubBaseline }) => {
      const { count } = await gitHubBaseline.updateMany({ where: { key, leaseToken: { lte: token } }, data });
      if (count === 1) return true;
      if ((await gitHubBaseline.count({ where: { key, leaseToken: { gt: token } } })) > 0) return false;
      const { apiUrl, branch, source, directory } = target;
      const columns = { key, apiUrl, repositoryId: BigInt(target.repositoryId), branch, source, directory };
      await gitHubBaseline.create({ data: { ...columns, baseline: null, staged: null, ...data } });
      return true;
    });
  }
}

function keyOf({ apiUrl, repositoryId, branch, source, directory }: SyncTarget): string {
  return storeKey(apiUrl, repositoryId, branch, source, directory);
}
