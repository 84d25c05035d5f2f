import { type Clock, systemClock } from "../adapters/clock.js";
import type { DeliveryClaim, DeliveryPage, DeliveryStore } from "../adapters/delivery-store.js";
import type { Delivery, DeliveryDraft } from "../domain/delivery.js";
import { compareParts, parseTextCursor, textCursor } from "../domain/text-cursor.js";

/** A store of webhook deliveries in memory, for development and tests. Its content is lost when the process ends. */
export class MemoryDeliveryStore implements DeliveryStore {
  readonly #clock: Clock;
  readonly #deliveries = new Map<string, Delivery>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  async claim(
    { id, event, digest, receivedAt }: DeliveryDraft,
    ttl: number,
    repeatsSince?: Date,
  ): Promise<DeliveryClaim> {
    const known = this.#deliveries.get(id);
    if (known !== undefined && known.digest !== digest) return { outcome: "different_body" };
    if (known?.status === "completed") return { outcome: "duplicate" };
    if (known !== undefined && this.#isHandled(known)) return { outcome: "in_progress" };
    const isRepeat = (other: Delivery): boolean =>
      other.event === event &&
      other.digest === digest &&
      other.receivedAt.getTime() >= (repeatsSince?.getTime() ?? Number.POSITIVE_INFINITY) &&
      (other.status === "completed" || this.#isHandled(other));
    if (known === undefined && [...this.#deliveries.values()].some(isRepeat)) return { outcome: "repeated" };
    const attempt = (known?.attempt ?? 0) + 1;
    const claimedUntil = new Date(this.#clock.now() + ttl);
    this.#put({ id, event, digest, receivedAt, status: "in_progress", attempt, claimedUntil, error: null });
    return { outcome: "claimed", attempt };
  }

  async complete(id: string, attempt: number): Promise<boolean> {
    return this.#end(id, attempt, { status: "completed" });
  }

  async fail(id: string, attempt: number, error: string): Promise<boolean> {
    return this.#end(id, attempt, { status: "failed", error });
  }

  async find(id: string): Promise<Delivery | null> {
    return structuredClone(this.#deliveries.get(id) ?? null);
  }

  async failed(limit: number, cursor: string | null): Promise<DeliveryPage> {
    const after = cursor === null ? null : parseTextCursor(cursor, 2);
    const isNext = (delivery: Delivery): boolean =>
      delivery.status !== "completed" &&
      !this.#isHandled(delivery) &&
      (after === null || compareParts(sortKey(delivery), after) > 0);
    const rest = this.#oldestFirst().filter(isNext);
    const deliveries = rest.slice(0, limit).map((delivery) => structuredClone(delivery));
    const last = deliveries.at(-1);
    return { deliveries, nextCursor: last !== undefined && rest.length > limit ? textCursor(sortKey(last)) : null };
  }

  async removeReceivedBefore(time: Date, limit: number): Promise<number> {
    const old = this.#oldestFirst()
      .filter((delivery) => delivery.receivedAt.getTime() < time.getTime() && !this.#isHandled(delivery))
      .slice(0, limit);
    for (const { id } of old) this.#deliveries.delete(id);
    return old.length;
  }

  #end(id: string, attempt: number, end: Pick<Delivery, "status"> & Partial<Delivery>): boolean {
    const delivery = this.#deliveries.get(id);
    if (delivery?.status !== "in_progress" || delivery.attempt !== attempt) return false;
    this.#put({ ...delivery, ...end });
    return true;
  }

  #isHandled({ status, claimedUntil }: Delivery): boolean {
    return status === "in_progress" && this.#clock.now() < claimedUntil.getTime();
  }

  #oldestFirst(): Delivery[] {
    return [...this.#deliveries.values()].sort((a, b) => compareParts(sortKey(a), sortKey(b)));
  }

  #put(delivery: Delivery): void {
    this.#deliveries.set(delivery.id, structuredClone(delivery));
  }
}

function sortKey({ receivedAt, id }: Delivery): readonly string[] {
  return [receivedAt.toISOString(), id];
}
