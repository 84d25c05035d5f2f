import type { Clock } from "../adapters/clock.js";

// GitHub's reads lag behind its writes for some seconds, and its webhooks do not.
const PAUSES = [500, 2_000];

/**
 * Reads something, and reads it again after a while as long as it does not fit what a delivery says.
 *
 * @returns the last reading: what GitHub keeps on showing is true, whatever the delivery says
 */
export async function settledReading<Reading>(
  read: () => Promise<Reading>,
  fits: (reading: Reading) => boolean,
  clock: Clock,
  signal: AbortSignal,
): Promise<Reading> {
  let reading = await read();
  for (const pause of PAUSES) {
    if (fits(reading)) break;
    await clock.sleep(pause, signal);
    reading = await read();
  }
  return reading;
}
