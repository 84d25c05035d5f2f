import { randomUUID } from "node:crypto";

const UNFINISHED = /^\.[0-9a-f-]{36}\.infrajet-write$/;

/** Returns a name for a temporary file, which is renamed when it is complete. */
export function unfinishedName(): string {
  return `.${randomUUID()}.infrajet-write`;
}

/** True for names of {@link unfinishedName}. Such files are not part of the project. */
export function isUnfinishedName(name: string): boolean {
  return UNFINISHED.test(name);
}
