import {
  type Delivery,
  type DeliveryClaim,
  type DeliveryDraft,
  type DeliveryPage,
  type DeliveryStore,
  parseTextCursor,
  textCursor,
} from "@infrajet/github/adapters";
import { GitHubSdkError } from "@infrajet/github/errors";
import { z } from "zod";
import type { DeliveryRow, Order, Where } from "../client.js";
import { CONFLICT, type StoreDatabase } from "../store-database.js";
import { storeKey } from "../store-key.js";
import { parseStored } from "../stored-json.js";

const status = z.enum(["in_progress", "completed", "failed"]);
const isoDate = z.iso.datetime();

// The key makes the order stable, and is part of the index on `receivedAt` where indexes contain the primary key.
const FIRST_RECEIVED_FIRST: Order<DeliveryRow>[] = [{ receivedAt: "asc" }, { key: "asc" }];

/** A webhook delivery store in `github_deliveries`. Claims expire by the database's clock. */
export class PrismaDeliveryStore implements DeliveryStore {
  readonly #database: StoreDatabase;

  constructor(database: StoreDatabase) {
    this.#database = database;
  }

  async claim(draft: DeliveryDraft, ttl: number, repeatsSince?: Date): Promise<DeliveryClaim> {
    const key = storeKey(draft.id);
    return this.#database.run<DeliveryClaim>(async ({ gitHubDelivery }) => {
      const now = await this.#database.now();
      const known = await gitHubDelivery.findFirst({ where: { key } });
      if (known === null) {
        const isRepeat =
          repeatsSince !== undefined &&
          (await gitHubDelivery.findFirst({ where: sameBody(draft, repeatsSince, now) })) !== null;
        if (isRepeat) return { outcome: "repeated" };
        await gitHubDelivery.create({ data: claimed(draft, 1, now + ttl) });
        return { outcome: "claimed", attempt: 1 };
      }
      if (known.digest !== draft.digest) return { outcome: "different_body" };
      if (known.status === "completed") return { outcome: "duplicate" };
      if (known.status === "in_progress" && now < known.claimedUntil.getTime()) return { outcome: "in_progress" };
      const attempt = known.attempt + 1;
      const { count } = await gitHubDelivery.updateMany({
        where: { key, digest: known.digest, attempt: known.attempt, status: known.status },
        data: claimed(draft, attempt, now + ttl),
      });
      return count === 1 ? { outcome: "claimed", attempt } : CONFLICT;
    });
  }

  complete(id: string, attempt: number): Promise<boolean> {
    return this.#end(id, attempt, { status: "completed" });
  }

  fail(id: string, attempt: number, error: string): Promise<boolean> {
    return this.#end(id, attempt, { status: "failed", error });
  }

  find(id: string): Promise<Delivery | null> {
    return this.#database.run(async ({ gitHubDelivery }) => {
      const row = await gitHubDelivery.findFirst({ where: { key: storeKey(id) } });
      return row === null ? null : deliveryOf(row);
    });
  }

  async failed(limit: number, cursor: string | null): Promise<DeliveryPage> {
    const after = cursor === null ? {} : isAfter(cursor);
    const now = new Date(await this.#database.now());
    return this.#database.run(async ({ gitHubDelivery }) => {
      const first = (where: Where<DeliveryRow>): PromiseLike<DeliveryRow[]> =>
        gitHubDelivery.findMany({ where: { AND: [where, after] }, orderBy: FIRST_RECEIVED_FIRST, take: limit + 1 });
      // Two queries, so that each is read in index order. A delivery that fails between them is found twice.
      const abandoned = await first({ status: "in_progress", claimedUntil: { lte: now } });
      const failed = await first({ status: "failed" });
      const rows = [...new Map([...abandoned, ...failed].map((row) => [row.key, row])).values()].sort(byReceipt);
      const deliveries = rows.slice(0, limit).map(deliveryOf);
      const last = deliveries.at(-1);
      return { deliveries, nextCursor: last !== undefined && rows.length > limit ? cursorOf(last) : null };
    });
  }

  async removeReceivedBefore(time: Date, limit: number): Promise<number> {
    const now = new Date(await this.#database.now());
    const removable: Where<DeliveryRow> = {
      receivedAt: { lt: time },
      OR: [{ status: { in: ["completed", "failed"] } }, { claimedUntil: { lte: now } }],
    };
    return this.#database.run(async ({ gitHubDelivery }) => {
      const rows = await gitHubDelivery.findMany({
        where: removable,
        orderBy: FIRST_RECEIVED_FIRST,
        take: limit,
      });
      const { count } = await gitHubDelivery.deleteMany({
        where: { key: { in: rows.map(({ key }) => key) }, ...removable },
      });
      return count;
    });
  }

  #end(id: string, attempt: number, end: Partial<DeliveryRow>): Promise<boolean> {
    return this.#database.run(async ({ gitHubDelivery }) => {
      const { count } = await gitHubDelivery.updateMany({
        where: { key: storeKey(id), attempt, status: "in_progress" },
        data: end,
      });
      return count === 1;
    });
  }
}

/** Matches deliveries with the same event and body that are completed or have an active claim. */
function sameBody({ event, digest }: DeliveryDraft, since: Date, now: number): Where<DeliveryRow> {
  const claimedUntil = { gt: new Date(now) };
  return {
    ...{ digest, event, receivedAt: { gte: since } },
    OR: [{ status: "completed" }, { status: "in_progress", claimedUntil }],
  };
}

function byReceipt(a: DeliveryRow, b: DeliveryRow): number {
  return a.receivedAt.getTime() - b.receivedAt.getTime() || (a.key < b.key ? -1 : 1);
}

function claimed({ id, event, digest, receivedAt }: DeliveryDraft, attempt: number, until: number): DeliveryRow {
  return {
    key: storeKey(id),
    deliveryId: id,
    ...{ event, digest, attempt },
    receivedAt: new Date(receivedAt),
    status: "in_progress",
    claimedUntil: new Date(until),
    error: null,
  };
}

function deliveryOf({ deliveryId, event, digest, receivedAt, claimedUntil, ...row }: DeliveryRow): Delivery {
  const { attempt, error } = row;
  return {
    id: deliveryId,
    event,
    digest,
    receivedAt,
    status: parseStored("webhook delivery", status, row.status),
    attempt,
    claimedUntil,
    error,
  };
}

function cursorOf({ receivedAt, id }: Delivery): string {
  return textCursor([receivedAt.toISOString(), id]);
}

function isAfter(cursor: string): Where<DeliveryRow> {
  const [time, deliveryId = ""] = parseTextCursor(cursor, 2);
  const parsed = isoDate.safeParse(time);
  if (!parsed.success)
    throw new GitHubSdkError("validation_failed", "The cursor is invalid. Use the `nextCursor` of a previous page.");
  const receivedAt = new Date(parsed.data);
  return { OR: [{ receivedAt: { gt: receivedAt } }, { receivedAt, key: { gt: storeKey(deliveryId) } }] };
}
