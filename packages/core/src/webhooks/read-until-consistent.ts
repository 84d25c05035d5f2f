import type { Clock } from "../adapters/clock.js";

// GitHub's API may return outdated data for some seconds after a webhook was sent.
const PAUSES_MS = [500, 2_000];

/**
 * Reads from GitHub, and repeats the read after a pause while the result does not match the delivery.
 *
 * @returns the last reading, which is authoritative even when it never matches the delivery
 */
export async function readUntilConsistent<Reading>(
  read: () => Promise<Reading>,
  matches: (reading: Reading) => boolean,
  clock: Clock,
  signal: AbortSignal,
): Promise<Reading> {
  let reading = await read();
  for (const pause of PAUSES_MS) {
    if (matches(reading)) break;
    await clock.sleep(pause, signal);
    reading = await read();
  }
  return reading;
}
