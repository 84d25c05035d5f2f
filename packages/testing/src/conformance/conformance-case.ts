import assert from "node:assert/strict";
import { type ErrorCode, isGitHubSdkError } from "@infrajet/github/errors";

/** A clock that a test advances. `createManualClock()` returns one. */
export interface TestClock {
  /** Epoch milliseconds. */
  now(): number;
  /** Advances the clock by a number of milliseconds. */
  advance(milliseconds: number): Promise<void>;
}

/** A new object under test, which one case uses and disposes. */
export interface ConformanceSubject {
  /** The clock of the object under test. If omitted, the object uses the real time, and cases about time wait for it. */
  readonly clock?: TestClock;
  /** Called after the case, whether it passed or failed. */
  dispose?(): Promise<void> | void;
}

/** An empty store that only one case uses. */
export interface StoreSubject<Store> extends ConformanceSubject {
  readonly store: Store;
  /**
   * Returns a second store on the same data, like that of another process. Omitted by stores whose data belongs to one
   * object; cases with two stores then use the same store twice.
   */
  reopen?(): Promise<Store> | Store;
}

/** Creates the subject of one case. */
export type SubjectFactory<Subject> = () => Promise<Subject> | Subject;

/** A test of one requirement of an interface, for any test runner: `it(c.name, () => c.run(factory))`. `run` rejects on failure. */
export interface ConformanceCase<Subject> {
  readonly name: string;
  run(factory: SubjectFactory<Subject>): Promise<void>;
}

/** Returns a case that creates its subject, tests it and disposes it. */
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

/** Returns a second store on the same data, or the same store when the subject cannot be reopened. */
export async function secondStore<Store>(subject: StoreSubject<Store>): Promise<Store> {
  return (await subject.reopen?.()) ?? subject.store;
}

/** Advances the subject's clock, or waits when it has none. */
export async function pass(subject: ConformanceSubject, milliseconds: number): Promise<void> {
  if (subject.clock !== undefined) return subject.clock.advance(milliseconds);
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Returns the subject's time in epoch milliseconds. */
export function timeOf(subject: ConformanceSubject): number {
  return subject.clock?.now() ?? Date.now();
}

/** Returns a duration in milliseconds that is short when the subject uses the real time. */
export function shortSpan(subject: ConformanceSubject): number {
  return subject.clock === undefined ? 400 : 30_000;
}

/** Makes concurrent calls and returns their results in order. */
export function race<Result>(callers: number, call: (caller: number) => Promise<Result>): Promise<Result[]> {
  return Promise.all(Array.from({ length: callers }, (_, caller) => call(caller)));
}

/** Repeats a test with concurrent calls, because a race condition may show only in some rounds. */
export async function rounds(count: number, round: (number: number) => Promise<void>): Promise<void> {
  for (let number = 0; number < count; number += 1) await round(number);
}

/** Asserts that a promise rejects with a `GitHubSdkError` that has one of the codes. */
export async function assertFails(promise: Promise<unknown>, ...codes: readonly ErrorCode[]): Promise<void> {
  await assert.rejects(promise, (error: unknown) => {
    const code = isGitHubSdkError(error) ? error.code : null;
    assert.ok(code !== null && codes.includes(code), `expected ${codes.join(" or ")}, got ${String(error)}`);
    return true;
  });
}

/** Returns a value. Fails when it is `null` or `undefined`. */
export function present<Value>(value: Value | null | undefined): Value {
  assert.ok(value !== null && value !== undefined, "expected a value, got null or undefined");
  return value;
}

/** Changes the properties of an object, even if its type is read-only. */
export function mutate(value: object, changes: Readonly<Record<string, unknown>>): void {
  Object.assign(value, changes);
}
