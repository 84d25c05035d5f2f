import type { DeliveryDraft, DeliveryStore } from "@infrajet/github/adapters";
import { type ConformanceCase, conformanceCase, type StoreSubject } from "./conformance-case.js";

/** A time to live that no case outlasts, in milliseconds. */
export const LONG = 3_600_000;
export const ID = "72d3162e-cc78-11e3-81ab-4c9367dc0958";

/** Returns a case for a delivery store. */
export function delivery(
  name: string,
  test: (store: DeliveryStore, subject: StoreSubject<DeliveryStore>) => Promise<void>,
): ConformanceCase<StoreSubject<DeliveryStore>> {
  return conformanceCase(name, (subject) => test(subject.store, subject));
}

/** Returns a time that is some milliseconds after an hour in 2026. */
export function at(time: number): Date {
  return new Date(Date.UTC(2026, 2, 1, 10, 0, 0, time));
}

/** Returns a received delivery. */
export function draft(overrides: Partial<DeliveryDraft> = {}): DeliveryDraft {
  return { id: ID, event: "installation_repositories", digest: "d".repeat(64), receivedAt: at(1), ...overrides };
}
