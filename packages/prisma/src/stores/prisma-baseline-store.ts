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

/** Baselines in `github_baselines`: compressed, and each written and read in one statement. */
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
   * Forgets targets that no sync has written to since, oldest first and at most `limit`; gives back how many. The next sync of
   * such a target compares the project with the branch anew: a file that differs is a conflict then, whoever changed it. So
   * when is for the host to say, and nothing is removed by itself.
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
    // Only for upkeep, which counts in months: this host's clock will do.
    const data = { ...change, leaseToken: token, updatedAt: new Date() };
    return this.#database.run(async ({ gitHubBaseline }) => {
      const { count } = await gitHubBaseline.updateMany({ where: { key, leaseToken: { lte: token } }, data });
      if (count === 1) return true;
      if ((await gitHubBaseline.count({ where: { key, leaseToken: { gt: token } } })) > 0) return false;
      const { apiUrl, branch, source, directory } = target;
      const named = { key, apiUrl, repositoryId: BigInt(target.repositoryId), branch, source, directory };
      await gitHubBaseline.create({ data: { ...named, baseline: null, staged: null, ...data } });
      return true;
    });
  }
}

function keyOf({ apiUrl, repositoryId, branch, source, directory }: SyncTarget): string {
  return storeKey(apiUrl, repositoryId, branch, source, directory);
}
