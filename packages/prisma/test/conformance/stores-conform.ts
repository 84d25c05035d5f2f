import type { Clock } from "@infrajet/github/adapters";
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
import { afterAll, beforeAll, describe, it } from "vitest";
import type { PrismaStores } from "../../src/prisma-stores.js";
import type { TestDatabase } from "../test-database.js";

/** How the suites are run on a database. */
export interface ConformanceOptions {
  /** Whether time is the database's own; otherwise the cases move it. */
  readonly realTime?: boolean;
}

/** Runs every published suite on one database, emptied before each case. */
export function storesConform(make: () => Promise<TestDatabase>, { realTime = false }: ConformanceOptions = {}): void {
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
      if (realTime) return { store: pick(database.stores()), reopen: () => pick(database.otherStores()) };
      const clock: Clock & ReturnType<typeof createManualClock> = createManualClock();
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
}
