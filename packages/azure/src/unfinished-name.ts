import { randomUUID } from "node:crypto";

const UNFINISHED = /^\.[0-9a-f-]{36}\.infrajet-write$/;

/** A name for a file that is being written and gets its own name when it is whole. */
export function unfinishedName(): string {
  return `.${randomUUID()}.infrajet-write`;
}

/** Whether a name is one that {@link unfinishedName} made: no part of the project. */
export function isUnfinishedName(name: string): boolean {
  return UNFINISHED.test(name);
}
