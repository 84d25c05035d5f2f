import {
  baselineStoreConformance,
  type ConformanceCase,
  connectionStoreConformance,
  createManualClock,
  deliveryStoreConformance,
  installationStoreConformance,
  lockStoreConformance,
  type StoreSubject,
  stateStoreConformance,
  syncHistoryConformance,
  syncRecordStoreConformance,
} from "@infrajet/github-testing/conformance";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PrismaStores } from "../../src/prisma-stores.js";
import type { TestDatabase } from "../test-database.js";

/** Runs every published conformance suite on one database, which is emptied before each case. */
export function storesConform(make: () => Promise<TestDatabase>): void {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await make();
  }, 60_000);
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
  conforms("PrismaBaselineStore", baselineStoreConformance, ({ baselines }) => baselines);
  conforms(
    "PrismaSyncRecordStore",
    [...syncRecordStoreConformance, ...syncHistoryConformance],
    ({ records }) => records,
  );

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
      await expect.poll(() => locks.acquire("short", HOUR), { timeout: 10_000 }).not.toBeNull();
      expect(lease !== null && (await locks.renew(lease, HOUR))).toBeNull();
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
