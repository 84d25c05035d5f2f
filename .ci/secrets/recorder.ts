// The one recorder of a test process. Test files of one process share their modules, so it records for the file that runs.
import { subscribe } from "node:diagnostics_channel";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject } from "vitest";
import { SECRET_CHANNEL } from "../../packages/testing/src/github/secret-channel.js";
import { type Recording, TOLD_CHANNEL, textOf } from "./recording.js";

/** Recorded characters above which the recording is written to disk. Small, because some tests measure their process's memory. */
const MOST_KEPT = 256 * 1024;

const secrets = new Set<string>();
const told = new Set<string>();
let kept = 0;

/** Records the text in a value as output. */
export function keep(value: unknown): void {
  const text = textOf(value);
  if (!told.has(text)) kept += text.length;
  told.add(text);
  if (kept > MOST_KEPT) flush();
}

/** Wraps a function so that its arguments are recorded. */
export const keeping =
  <Parameters extends unknown[]>(act: (...parameters: Parameters) => void) =>
  (...parameters: Parameters): void => {
    keep(parameters);
    act(...parameters);
  };

/** Writes what was recorded since the last call to the run's folder, under the name of the test file that runs. */
export function flush(): void {
  const recording: Recording = { file: expect.getState().testPath ?? "", secrets: [...secrets], told: [...told] };
  writeFileSync(join(inject("recordings"), `${crypto.randomUUID()}.json`), JSON.stringify(recording));
  secrets.clear();
  told.clear();
  kept = 0;
}

subscribe(SECRET_CHANNEL, (secret) => void secrets.add(String(secret)));
subscribe(TOLD_CHANNEL, keep);
for (const level of ["debug", "log", "info", "warn", "error"] as const) console[level] = keeping(console[level]);
