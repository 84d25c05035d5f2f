import { type Clock, systemClock } from "../adapters/clock.js";
import type {
  ClaimedDelivery,
  DeliveryClaim,
  DeliveryPage,
  DeliveryReceipt,
  DeliveryStore,
  DeliverySummary,
  EnqueueOptions,
} from "../adapters/delivery-store.js";
import type { Delivery, DeliveryDraft } from "../domain/delivery.js";
import { compareParts, parseTextCursor, textCursor } from "../domain/text-cursor.js";

/** A store of webhook deliveries in memory, for development and tests. Its content is lost when the process ends. */
export class MemoryDeliveryStore implements DeliveryStore {
  readonly #clock: Clock;
  readonly #deliveries = new Map<string, Delivery>();
  readonly #bodies = new Map<string, Uint8Array>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  async claim(draft: DeliveryDraft, ttl: number, repeatsSince?: Date): Promise<DeliveryClaim> {
    const known = this.#deliveries.get(draft.id);
    if (known !== undefined && known.digest !== draft.digest) return { outcome: "different_body" };
    if (known?.status === "completed") return { outcome: "duplicate" };
    if (known !== undefined && this.#isHandled(known)) return { outcome: "in_progress" };
    if (isNew(known) && this.#original(draft, repeatsSince) !== undefined) return { outcome: "repeated" };
    const attempt = (known?.attempt ?? 0) + 1;
    this.#put({ ...blank(draft), ...this.#stored(known), status: "in_progress", attempt, claimedUntil: this.#in(ttl) });
    return { outcome: "claimed", attempt };
  }

  async enqueue(draft: DeliveryDraft, body: Uint8Array, options: EnqueueOptions): Promise<DeliveryReceipt> {
    const known = this.#deliveries.get(draft.id);
    if (known !== undefined && known.digest !== draft.digest) return "different_body";
    if (known?.status === "completed") return "duplicate";
    if (known !== undefined && (this.#isHandled(known) || isWaiting(known))) return "waiting";
    const attempt = known?.attempt ?? 0;
    const original = isNew(known) ? this.#original(draft, options.repeatsSince) : undefined;
    if (original !== undefined) {
      this.#put({ ...blank(draft), status: "skipped", attempt, claimedUntil: this.#in(0) });
      return original.status === "completed" ? "repeated" : "repeat_waiting";
    }
    this.#bodies.set(draft.id, Uint8Array.from(body));
    const limits = { attempt, attemptLimit: attempt + options.attempts, storedBytes: body.length };
    this.#put({ ...blank(draft), ...limits, status: "pending", claimedUntil: this.#in(0) });
    return "stored";
  }

  async skip(draft: DeliveryDraft): Promise<void> {
    if (this.#deliveries.has(draft.id)) return;
    this.#put({ ...blank(draft), status: "skipped", attempt: 0, claimedUntil: this.#in(0) });
  }

  async claimNext(ttl: number): Promise<ClaimedDelivery | null> {
    const now = this.#clock.now();
    const next = this.#oldestFirst().find((delivery) => isWaiting(delivery) && delivery.claimedUntil.getTime() <= now);
    const body = this.#bodies.get(next?.id ?? "");
    if (next === undefined || body === undefined) return null;
    const change = {
      status: "in_progress",
      attempt: next.attempt + 1,
      claimedUntil: this.#in(ttl),
      error: null,
    } as const;
    return { delivery: structuredClone(this.#put({ ...next, ...change })), body: Uint8Array.from(body) };
  }

  async renew(id: string, attempt: number, ttl: number): Promise<boolean> {
    return this.#end(id, attempt, { claimedUntil: this.#in(ttl) });
  }

  async complete(id: string, attempt: number): Promise<boolean> {
    const isEnded = this.#end(id, attempt, { status: "completed", storedBytes: 0 });
    if (isEnded) this.#bodies.delete(id);
    return isEnded;
  }

  async fail(id: string, attempt: number, error: string): Promise<boolean> {
    return this.#end(id, attempt, { status: "failed", error });
  }

  async retry(id: string, attempt: number, error: string, delay: number): Promise<boolean> {
    return this.#endStored(id, attempt, { status: "pending", error, claimedUntil: this.#in(delay) });
  }

  async release(id: string, attempt: number): Promise<boolean> {
    const attemptLimit = (this.#deliveries.get(id)?.attemptLimit ?? 0) + 1;
    return this.#endStored(id, attempt, { status: "pending", attemptLimit, claimedUntil: this.#in(0) });
  }

  async replay(id: string, attempts: number): Promise<boolean> {
    const delivery = this.#deliveries.get(id);
    if (delivery?.status !== "failed" || delivery.storedBytes === 0) return false;
    const attemptLimit = delivery.attempt + attempts;
    this.#put({ ...delivery, status: "pending", attemptLimit, claimedUntil: this.#in(0) });
    return true;
  }

  async find(id: string): Promise<Delivery | null> {
    return structuredClone(this.#deliveries.get(id) ?? null);
  }

  async failed(limit: number, cursor: string | null): Promise<DeliveryPage> {
    const after = cursor === null ? null : parseTextCursor(cursor, 2);
    const isNext = (delivery: Delivery): boolean =>
      (delivery.status === "failed" || (delivery.status === "in_progress" && !this.#isHandled(delivery))) &&
      (after === null || compareParts(sortKey(delivery), after) > 0);
    const rest = this.#oldestFirst().filter(isNext);
    const deliveries = rest.slice(0, limit).map((delivery) => structuredClone(delivery));
    const last = deliveries.at(-1);
    return { deliveries, nextCursor: last !== undefined && rest.length > limit ? textCursor(sortKey(last)) : null };
  }

  async summary(): Promise<DeliverySummary> {
    const all = this.#oldestFirst();
    const waiting = all.filter(isWaiting);
    return structuredClone({
      waiting: waiting.length,
      waitingBytes: waiting.reduce((sum, { storedBytes }) => sum + storedBytes, 0),
      oldestWaitingAt: waiting[0]?.receivedAt ?? null,
      failed: all.filter(({ status }) => status === "failed").length,
      firstReceivedAt: all[0]?.receivedAt ?? null,
      lastReceivedAt: all.at(-1)?.receivedAt ?? null,
    });
  }

  async removeReceivedBefore(time: Date, limit: number): Promise<number> {
    const isOld = (delivery: Delivery): boolean =>
      delivery.receivedAt.getTime() < time.getTime() && !this.#isHandled(delivery) && !isWaiting(delivery);
    const old = this.#oldestFirst().filter(isOld).slice(0, limit);
    for (const { id } of old) {
      this.#deliveries.delete(id);
      this.#bodies.delete(id);
    }
    return old.length;
  }

  /** Returns a delivery with the same event and body that is completed, or else one that waits or has an active claim. */
  #original({ event, digest }: DeliveryDraft, since: Date | undefined): Delivery | undefined {
    const from = since?.getTime() ?? Number.POSITIVE_INFINITY;
    const originals = [...this.#deliveries.values()].filter(
      (other) =>
        other.event === event &&
        other.digest === digest &&
        other.receivedAt.getTime() >= from &&
        (other.status === "completed" || this.#isHandled(other) || isWaiting(other)),
    );
    return originals.find(({ status }) => status === "completed") ?? originals[0];
  }

  /** Returns what an earlier `enqueue` stored. */
  #stored(known: Delivery | undefined): Partial<Delivery> {
    return known === undefined ? {} : { attemptLimit: known.attemptLimit, storedBytes: known.storedBytes };
  }

  #endStored(id: string, attempt: number, change: Partial<Delivery>): boolean {
    return this.#bodies.has(id) && this.#end(id, attempt, change);
  }

  #end(id: string, attempt: number, change: Partial<Delivery>): boolean {
    const delivery = this.#deliveries.get(id);
    if (delivery?.status !== "in_progress" || delivery.attempt !== attempt) return false;
    this.#put({ ...delivery, ...change });
    return true;
  }

  #isHandled({ status, claimedUntil }: Delivery): boolean {
    return status === "in_progress" && this.#clock.now() < claimedUntil.getTime();
  }

  #in(milliseconds: number): Date {
    return new Date(this.#clock.now() + milliseconds);
  }

  #oldestFirst(): Delivery[] {
    return [...this.#deliveries.values()].sort((a, b) => compareParts(sortKey(a), sortKey(b)));
  }

  #put(delivery: Delivery): Delivery {
    this.#deliveries.set(delivery.id, structuredClone(delivery));
    return delivery;
  }
}

function blank({
  id,
  event,
  digest,
  receivedAt,
}: DeliveryDraft): Omit<Delivery, "status" | "attempt" | "claimedUntil"> {
  return { id, event, digest, receivedAt, attemptLimit: 0, storedBytes: 0, error: null };
}

/** Returns `true` for a delivery that was not received before, or was skipped. */
function isNew(known: Delivery | undefined): boolean {
  return known === undefined || known.status === "skipped";
}

/** Returns `true` for a stored delivery whose handlers still have to run or are running. */
function isWaiting({ status, storedBytes }: Delivery): boolean {
  return status === "pending" || (status === "in_progress" && storedBytes > 0);
}

function sortKey({ receivedAt, id }: Delivery): readonly string[] {
  return [receivedAt.toISOString(), id];
}
