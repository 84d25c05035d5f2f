import {
  baselineStoreConformance,
  type ConformanceCase,
  connectionStoreConformance,
  createManualClock,
  deliveryStoreConformance,
  installationStoreConformance,
  linkStoreConformance,
  lockStoreConformance,
  resolutionStoreConformance,
  type StoreSubject,
  stateStoreConformance,
  syncChangesConformance,
  syncHistoryConformance,
  syncRecordStoreConformance,
  syncSchedulingConformance,
} from "@infrajet/github-testing/conformance";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PrismaStores } from "../../src/prisma-stores.js";
import { SYNC_OPTIONS } from "../sync-options.js";
import type { TestDatabase } from "../test-database.js";
import { storesFailedHandlers } from "./failing-handlers.js";
import { skipsUndecodableRows } from "./undecodable-rows.js";
import { inUnusualTimeZone } from "./unusual-settings.js";

/**
 * Runs every published conformance suite on one database, which is emptied before each case.
 *
 * @param settings a query that shows the settings of a session, and its result
 */
export function storesConform(
  make: () => Promise<TestDatabase>,
  settings: { readonly shown: string; readonly expected: string },
): void {
  inUnusualTimeZone();
  let database: TestDatabase;
  beforeAll(async () => {
    database = await make();
  });
  afterAll(() => database.remove());

  function conforms<Store>(
    name: string,
    cases: readonly ConformanceCase<StoreSubject<Store>>[],
    pick: (stores: PrismaStores) => Store,
  ): void {
    const subject = async (): Promise<StoreSubject<Store>> => {
      await database.clear();
      const clock = createManualClock();
      return { store: pick(database.stores(clock)), reopen: () => pick(database.otherStores(clock)), clock };
    };
    describe(name, () => {
      for (const { name, run } of cases) it(name, () => run(subject));
    });
  }

  conforms("PrismaLockStore", lockStoreConformance, ({ locks }) => locks);
  conforms("PrismaStateStore", stateStoreConformance, ({ states }) => states);
  conforms("PrismaConnectionStore", connectionStoreConformance, ({ connections }) => connections);
  conforms("PrismaInstallationStore", installationStoreConformance, ({ installations }) => installations);
  conforms("PrismaDeliveryStore", deliveryStoreConformance, ({ deliveries }) => deliveries);
  conforms("PrismaResolutionStore", resolutionStoreConformance, ({ resolutions }) => resolutions);
  conforms("PrismaLinkStore", linkStoreConformance, ({ links }) => links);
  conforms("PrismaBaselineStore", baselineStoreConformance, ({ baselines }) => baselines);
  conforms(
    "PrismaSyncRecordStore",
    [
      ...syncRecordStoreConformance,
      ...syncHistoryConformance,
      ...syncSchedulingConformance,

      ...syncChangesConformance,
    ],
    ({ records }) => records,
  );

  it("have the settings in their sessions", async () => {
    expect(await database.client.$queryRawUnsafe(settings.shown)).toEqual([{ shown: settings.expected }]);
    expect(new Date(0).getTimezoneOffset()).not.toBe(0);
  });

  skipsUndecodableRows(() => database);
  storesFailedHandlers(() => database);

  describe("PrismaLockStore with the database's clock", () => {
    it("acquires a lease that expires by the database's clock and rejects a second holder", async () => {
      await database.clear();
      const { locks } = database.stores();
      const before = Date.now();
      const lease = await locks.acquire("held", HOUR);
      expect(lease?.expiresAt).toBeGreaterThan(before + HOUR - TOLERANCE);
      expect(lease?.expiresAt).toBeLessThan(Date.now() + HOUR + TOLERANCE);
      expect(await database.otherStores().locks.acquire("held", HOUR)).toBeNull();
    });

    it("acquires an expired lease, which its last holder can no longer renew", async () => {
      const { locks } = database.stores();
      const lease = await locks.acquire("short", 1);
      await expect.poll(() => locks.acquire("short", HOUR)).not.toBeNull();
      expect(lease !== null && (await locks.renew(lease, HOUR))).toBeNull();
    });
  });

  describe("PrismaSyncRecordStore with a row that a process of the first schema wrote", () => {
    it("returns the defaults of the columns that were added later", async () => {
      await database.clear();
      await database.sql(
        `INSERT INTO github_sync_records (${Object.keys(OLD_ROW).join(", ")}) VALUES (${Object.values(OLD_ROW).join(", ")})`,
      );
      const { records } = database.stores();
      const [unfinished] = await records.unfinished(0, 10);
      expect(unfinished).toMatchObject({ status: "pending", notBefore: null });
      const defaults = {
        ...{ direction: "push", runsFrom: 1, notBefore: null, interruptions: 0 },
        ...{ filesPulled: 0, filesRemoved: 0, filesKept: 0 },
        ...{ progress: null, changeSeq: 0, priority: "interactive", holder: null, waitingSince: null, coalesced: 0 },
      };
      expect(await records.find(unfinished?.id ?? 0)).toMatchObject({ ...defaults, notes: [] });
      expect(await records.due(TARGET.apiUrl, 10)).toEqual([unfinished]);
    });
  });

  describe("PrismaBaselineStore.removeUnusedSince", () => {
    it("removes the baselines that were not written since a time, at most `limit` at once", async () => {
      await database.clear();
      const { baselines } = database.stores();
      const targets = ["a", "b", "c"].map((branch) => ({ ...TARGET, branch }));
      for (const target of targets) await baselines.unstage(target, 1);
      const hence = new Date(Date.now() + HOUR);
      expect(await baselines.removeUnusedSince(new Date(Date.now() - HOUR), 10)).toBe(0);
      expect(await baselines.removeUnusedSince(hence, 2)).toBe(2);
      expect(await baselines.removeUnusedSince(hence, 2)).toBe(1);
      expect(await baselines.removeUnusedSince(hence, 2)).toBe(0);
    });
  });
}

const HOUR = 3_600_000;
// The database runs on this machine; its clock differs only by rounding.
const TOLERANCE = 2_000;
const TARGET = { apiUrl: "https://api.github.com", repositoryId: 1, source: "project:7/x", directory: "" };

const OLD_ROW: Readonly<Record<string, string>> = {
  ...{ project_key: "'p'", branch_key: "'b'", repository_key: "'r'", user_id: "'7'", project_id: "'x'" },
  ...{ api_url: `'${TARGET.apiUrl}'`, repository_id: "1", branch: "'main'", source: "'project:7/x'", directory: "''" },
  ...{ repository: "'a/b'", status: "'pending'", files_synced: "0", files_deleted: "0", conflicts_resolved: "0" },
  ...{ options: `'${JSON.stringify(SYNC_OPTIONS)}'`, conflicts: "'[]'", notes: "'[]'", attempts: "'[]'" },
  ...{ retry_count: "0", lease_token: "0", revision: "'first'" },
  ...{ created_at: "'2026-01-01 10:00:00'", updated_at: "'2026-01-01 10:00:00'" },
};
