import type {
  ClaimedDelivery,
  Delivery,
  DeliveryClaim,
  DeliveryDraft,
  DeliveryPage,
  DeliveryReceipt,
  DeliveryStore,
  DeliverySummary,
  EnqueueOptions,
} from "@infrajet/github/adapters";
import type { DeliveryRow, DeliveryTable, ListedDeliveryRow } from "../delivery-table.js";
import { CONFLICT, type StoreDatabase } from "../store-database.js";
import { storeKey } from "../store-key.js";
import type { Where } from "../table.js";
import {
  byReceipt,
  cursorOf,
  deliveryOf,
  FIRST_RECEIVED_FIRST,
  IS_WAITING,
  isAfter,
  LISTED_COLUMNS,
  newRow,
} from "./delivery-row.js";

// Callers that compete for the oldest delivery find another one without reading again.
const CANDIDATES = 8;

/** A webhook delivery store in `github_deliveries`. Claims expire by the database's clock. */
export class PrismaDeliveryStore implements DeliveryStore {
  readonly #database: StoreDatabase;

  constructor(database: StoreDatabase) {
    this.#database = database;
  }

  async claim(draft: DeliveryDraft, ttl: number, repeatsSince?: Date): Promise<DeliveryClaim> {
    return this.#database.run<DeliveryClaim>(async ({ gitHubDelivery: table }) => {
      const now = await this.#database.now();
      const known = await findRow(table, draft.id);
      if (known !== null && known.digest !== draft.digest) return { outcome: "different_body" };
      if (known?.status === "completed") return { outcome: "duplicate" };
      if (known !== null && isClaimed(known, now)) return { outcome: "in_progress" };
      if (isNew(known) && (await originalOf(table, draft, repeatsSince, now)) !== null) return { outcome: "repeated" };
      const attempt = (known?.attempt ?? 0) + 1;
      const claimedUntil = new Date(now + ttl);
      const { body, attemptLimit, storedBytes, ...row } = newRow(draft, {
        status: "in_progress",
        attempt,
        claimedUntil,
      });
      // The body of a delivery that was stored before stays as it is.
      if (known === null) await table.create({ data: { ...row, body, attemptLimit, storedBytes } });
      else if (!(await change(table, known, row))) return CONFLICT;
      return { outcome: "claimed", attempt };
    });
  }

  async enqueue(
    draft: DeliveryDraft,
    body: Uint8Array,
    { attempts, repeatsSince }: EnqueueOptions,
  ): Promise<DeliveryReceipt> {
    return this.#database.run<DeliveryReceipt>(async ({ gitHubDelivery: table }) => {
      const now = await this.#database.now();
      const known = await findRow(table, draft.id);
      if (known !== null && known.digest !== draft.digest) return "different_body";
      if (known?.status === "completed") return "duplicate";
      if (known !== null && (isClaimed(known, now) || isWaiting(known))) return "waiting";
      const original = isNew(known) ? await originalOf(table, draft, repeatsSince, now) : null;
      const attempt = known?.attempt ?? 0;
      const claimedUntil = new Date(now);
      const row =
        original === null
          ? newRow(draft, {
              ...{ status: "pending", attempt, attemptLimit: attempt + attempts, claimedUntil },
              ...{ body: Uint8Array.from(body), storedBytes: body.length },
            })
          : newRow(draft, { status: "skipped", attempt, claimedUntil });
      if (known === null) await table.create({ data: row });
      else if (!(await change(table, known, row))) return CONFLICT;
      if (original === null) return "stored";
      return original.status === "completed" ? "repeated" : "repeat_waiting";
    });
  }

  skip(draft: DeliveryDraft): Promise<void> {
    return this.#database.run(async ({ gitHubDelivery: table }) => {
      if ((await findRow(table, draft.id)) !== null) return;
      const claimedUntil = new Date(await this.#database.now());
      await table.create({ data: newRow(draft, { status: "skipped", attempt: 0, claimedUntil }) });
    });
  }

  claimNext(ttl: number): Promise<ClaimedDelivery | null> {
    return this.#database.run<ClaimedDelivery | null>(async ({ gitHubDelivery: table }) => {
      const now = await this.#database.now();
      const candidates = await table.findMany({
        where: { ...IS_WAITING, claimedUntil: { lte: new Date(now) } },
        orderBy: FIRST_RECEIVED_FIRST,
        take: CANDIDATES,
        select: LISTED_COLUMNS,
      });
      for (const row of candidates) {
        const claim = {
          ...{ status: "in_progress", attempt: row.attempt + 1, error: null },
          claimedUntil: new Date(now + ttl),
        };
        if (!(await change(table, row, claim))) continue;
        const stored = await table.findFirst({ where: { key: row.key }, select: { body: true } });
        if (stored?.body) return { delivery: deliveryOf({ ...row, ...claim }), body: stored.body };
      }
      return candidates.length === 0 ? null : CONFLICT;
    });
  }

  async renew(id: string, attempt: number, ttl: number): Promise<boolean> {
    const claimedUntil = new Date((await this.#database.now()) + ttl);
    return this.#end({ key: storeKey(id), attempt }, { claimedUntil });
  }

  complete(id: string, attempt: number): Promise<boolean> {
    return this.#end({ key: storeKey(id), attempt }, { status: "completed", body: null, storedBytes: 0 });
  }

  fail(id: string, attempt: number, error: string): Promise<boolean> {
    return this.#end({ key: storeKey(id), attempt }, { status: "failed", error });
  }

  async retry(id: string, attempt: number, error: string, delay: number): Promise<boolean> {
    const claimedUntil = new Date((await this.#database.now()) + delay);
    const claim = { key: storeKey(id), attempt, storedBytes: { gt: 0 } };
    return this.#end(claim, { status: "pending", error, claimedUntil });
  }

  async release(id: string, attempt: number): Promise<boolean> {
    const claimedUntil = new Date(await this.#database.now());
    const attemptLimit = ((await this.find(id))?.attemptLimit ?? 0) + 1;
    const claim = { key: storeKey(id), attempt, storedBytes: { gt: 0 } };
    return this.#end(claim, { status: "pending", attemptLimit, claimedUntil });
  }

  async replay(id: string, attempts: number): Promise<boolean> {
    const claimedUntil = new Date(await this.#database.now());
    return this.#database.run(async ({ gitHubDelivery: table }) => {
      const known = await findRow(table, id);
      if (known?.status !== "failed" || known.storedBytes === 0) return false;
      const data = { status: "pending", attemptLimit: known.attempt + attempts, claimedUntil };
      return (await change(table, known, data)) || CONFLICT;
    });
  }

  find(id: string): Promise<Delivery | null> {
    return this.#database.run(async ({ gitHubDelivery: table }) => {
      const row = await findRow(table, id);
      return row === null ? null : deliveryOf(row);
    });
  }

  async failed(limit: number, cursor: string | null): Promise<DeliveryPage> {
    const after = cursor === null ? {} : isAfter(cursor);
    const now = new Date(await this.#database.now());
    return this.#database.run(async ({ gitHubDelivery }) => {
      const first = (where: Where<DeliveryRow>): PromiseLike<ListedDeliveryRow[]> =>
        gitHubDelivery.findMany({
          where: { AND: [where, after] },
          orderBy: FIRST_RECEIVED_FIRST,
          take: limit + 1,
          select: LISTED_COLUMNS,
        });
      // Two queries, so that each is read in index order. A delivery that fails between them is found twice.
      const abandoned = await first({ status: "in_progress", claimedUntil: { lte: now } });
      const failed = await first({ status: "failed" });
      const rows = [...new Map([...abandoned, ...failed].map((row) => [row.key, row])).values()].sort(byReceipt);
      const deliveries = rows.slice(0, limit).map(deliveryOf);
      const last = deliveries.at(-1);
      return { deliveries, nextCursor: last !== undefined && rows.length > limit ? cursorOf(last) : null };
    });
  }

  summary(): Promise<DeliverySummary> {
    return this.#database.run(async ({ gitHubDelivery: table }) => {
      const waiting = await table.aggregate({
        where: IS_WAITING,
        _count: true,
        _sum: { storedBytes: true },
        _min: { receivedAt: true },
      });
      const failed = await table.count({ where: { status: "failed" } });
      const one = { where: {}, take: 1, select: LISTED_COLUMNS };
      const [first] = await table.findMany({ ...one, orderBy: [{ receivedAt: "asc" }] });
      const [last] = await table.findMany({ ...one, orderBy: [{ receivedAt: "desc" }] });
      return {
        waiting: waiting._count,
        waitingBytes: waiting._sum.storedBytes ?? 0,
        oldestWaitingAt: waiting._min.receivedAt,
        failed,
        firstReceivedAt: first?.receivedAt ?? null,
        lastReceivedAt: last?.receivedAt ?? null,
      };
    });
  }

  async removeReceivedBefore(time: Date, limit: number): Promise<number> {
    const now = new Date(await this.#database.now());
    const removable: Where<DeliveryRow> = {
      receivedAt: { lt: time },
      OR: [
        { status: { in: ["completed", "failed", "skipped"] } },
        { status: "in_progress", claimedUntil: { lte: now }, storedBytes: 0 },
      ],
    };
    return this.#database.run(async ({ gitHubDelivery }) => {
      const rows = await gitHubDelivery.findMany({
        where: removable,
        orderBy: FIRST_RECEIVED_FIRST,
        take: limit,
        select: LISTED_COLUMNS,
      });
      const { count } = await gitHubDelivery.deleteMany({
        where: { key: { in: rows.map(({ key }) => key) }, ...removable },
      });
      return count;
    });
  }

  #end(claim: Where<DeliveryRow>, data: Partial<DeliveryRow>): Promise<boolean> {
    return this.#database.run(async ({ gitHubDelivery }) => {
      const { count } = await gitHubDelivery.updateMany({ where: { ...claim, status: "in_progress" }, data });
      return count === 1;
    });
  }
}

async function findRow(table: DeliveryTable, id: string): Promise<ListedDeliveryRow | null> {
  const rows = await table.findMany({ where: { key: storeKey(id) }, take: 1, select: LISTED_COLUMNS });
  return rows[0] ?? null;
}

/** Changes a row if its status and claim are still those that were read. */
async function change(table: DeliveryTable, read: ListedDeliveryRow, data: Partial<DeliveryRow>): Promise<boolean> {
  const { key, digest, attempt, attemptLimit, status, claimedUntil } = read;
  const { count } = await table.updateMany({
    where: { key, digest, attempt, attemptLimit, status, claimedUntil },
    data,
  });
  return count === 1;
}

/** Returns a delivery with the same event and body that is completed, or else one that waits or has an active claim. */
async function originalOf(
  table: DeliveryTable,
  { event, digest }: DeliveryDraft,
  since: Date | undefined,
  now: number,
): Promise<ListedDeliveryRow | null> {
  if (since === undefined) return null;
  const rows = await table.findMany({
    where: {
      ...{ digest, event, receivedAt: { gte: since } },
      OR: [{ status: "completed" }, { status: "in_progress", claimedUntil: { gt: new Date(now) } }, IS_WAITING],
    },
    // In alphabetical order, `completed` is the first status.
    orderBy: [{ status: "asc" }],
    take: 1,
    select: LISTED_COLUMNS,
  });
  return rows[0] ?? null;
}

/** Returns `true` for a delivery that was not received before, or was skipped. */
function isNew(known: ListedDeliveryRow | null): boolean {
  return known === null || known.status === "skipped";
}

function isClaimed({ status, claimedUntil }: ListedDeliveryRow, now: number): boolean {
  return status === "in_progress" && now < claimedUntil.getTime();
}

function isWaiting({ status, storedBytes }: ListedDeliveryRow): boolean {
  return status === "pending" || (status === "in_progress" && storedBytes > 0);
}
