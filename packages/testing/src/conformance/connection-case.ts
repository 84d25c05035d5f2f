import type { ConnectionStore } from "@infrajet/github/adapters";
import { type ConformanceCase, conformanceCase, type StoreSubject } from "./conformance-case.js";

/** Declares a conformance case for a `ConnectionStore`. */
export const connection = (
  name: string,
  test: (store: ConnectionStore, subject: StoreSubject<ConnectionStore>) => Promise<void>,
): ConformanceCase<StoreSubject<ConnectionStore>> => conformanceCase(name, (subject) => test(subject.store, subject));
