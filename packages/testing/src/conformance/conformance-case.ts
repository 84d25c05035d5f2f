import assert from "node:assert/strict";
import { type ErrorCode, isGitHubSdkError } from "@infrajet/github/errors";

/** What a test moves time by; `createManualClock()` gives one. */
export interface TestClock {
  /** Epoch milliseconds. */
  now(): number;
  /** Lets that many milliseconds pass. */
  advance(milliseconds: number): Promise<void>;
}

/** What every factory of a suite gives: a fresh thing to be tested, which one case uses and disposes of. */
export interface ConformanceSubject {
  /** The clock that the thing was given. Left out: it looks at the real time, and cases about time wait for it. */
  readonly clock?: TestClock;
  /** Called after the case, whatever its outcome. */
  dispose?(): Promise<void> | void;
}

/** A store that is empty, with nobody else using it. */
export interface StoreSubject<Store> extends ConformanceSubject {
  readonly store: Store;
  /**
   * A second store over the same data, as another process or a later start of this one has it. Left out by stores that
   * live and die with their object; cases about it then use the one store.
   */
  reopen?(): Promise<Store> | Store;
}

/** Makes what one case tests. */
export type SubjectFactory<Subject> = () => Promise<Subject> | Subject;

/** One promise of an interface as a test: `it(c.name, () => c.run(factory))` in any runner; it rejects when the promise is broken. */
export interface ConformanceCase<Subject> {
  readonly name: string;
  run(factory: SubjectFactory<Subject>): Promise<void>;
}

/** A case that makes its subject, tests it and disposes of it. */
export function conformanceCase<Subject extends ConformanceSubject>(
  name: string,
  test: (subject: Subject) => Promise<void>,
): ConformanceCase<Subject> {
  return {
    name,
    async run(factory) {
      const subject = await factory();
      try {
        await test(subject);
      } finally {
        await subject.dispose?.();
      }
    },
  };
}

/** A second user of the same data; the same store where there can be no second one. */
export async function secondUser<Store>(subject: StoreSubject<Store>): Promise<Store> {
  return (await subject.reopen?.()) ?? subject.store;
}

/** Lets time pass for the subject: by its clock, or in truth when it has none. */
export async function pass(subject: ConformanceSubject, milliseconds: number): Promise<void> {
  if (subject.clock !== undefined) return subject.clock.advance(milliseconds);
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** The time as the subject sees it, epoch milliseconds. */
export function timeOf(subject: ConformanceSubject): number {
  return subject.clock?.now() ?? Date.now();
}

/** A span that a case lets pass, in milliseconds: short where the time is real. */
export function shortSpan(subject: ConformanceSubject): number {
  return subject.clock === undefined ? 400 : 30_000;
}

/** Calls all at the same moment and gives their results in order. */
export function race<Result>(callers: number, call: (caller: number) => Promise<Result>): Promise<Result[]> {
  return Promise.all(Array.from({ length: callers }, (_, caller) => call(caller)));
}

/** Repeats a race: one that is lost once in a while shows only in many rounds. */
export async function rounds(count: number, round: (number: number) => Promise<void>): Promise<void> {
  for (let number = 0; number < count; number += 1) await round(number);
}

/** Asserts that the promise rejects with an error of the SDK that has one of the codes. */
export async function assertFails(promise: Promise<unknown>, ...codes: readonly ErrorCode[]): Promise<void> {
  await assert.rejects(promise, (error: unknown) => {
    const code = isGitHubSdkError(error) ? error.code : null;
    assert.ok(code !== null && codes.includes(code), `expected ${codes.join(" or ")}, got ${String(error)}`);
    return true;
  });
}

/** The value; fails when it is `null`. */
export function present<Value>(value: Value | null | undefined): Value {
  assert.ok(value !== null && value !== undefined, "expected a value, got none");
  return value;
}

/** Writes into an object behind its type's back, as careless callers do. */
export function meddle(value: object, changes: Readonly<Record<string, unknown>>): void {
  Object.assign(value, changes);
}
