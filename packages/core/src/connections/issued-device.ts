import * as z from "zod";
import { Secret } from "../secret.js";

/** The codes that GitHub issued for a device. */
export interface IssuedDevice {
  readonly deviceCode: Secret;
  readonly userCode: string;
  readonly verificationUri: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /** Seconds between two requests for the token. */
  readonly interval: number;
}

const MAX_LIFETIME_S = 3_600;
/** The longest pause between two requests for the token, in seconds. */
export const MAX_INTERVAL_S = 60;

const responseSchema = z.object({
  device_code: z.string().min(1).max(1_000),
  // A program prints both.
  user_code: z.string().regex(/^[A-Za-z0-9-]{1,32}$/),
  verification_uri: z.url({ protocol: /^https?$/ }).max(1_000),
  expires_in: z.number().positive(),
  interval: z.number().positive().default(5),
});

/**
 * Parses a response of the device endpoint. Returns `null` when it contains no code.
 *
 * @param requestedAt epoch milliseconds before the request was sent
 */
export function parseIssuedDevice(data: unknown, requestedAt: number): IssuedDevice | null {
  const parsed = responseSchema.safeParse(data);
  if (!parsed.success) return null;
  const { device_code, user_code, verification_uri, expires_in, interval } = parsed.data;
  return {
    deviceCode: new Secret(device_code),
    userCode: user_code,
    verificationUri: verification_uri,
    expiresAt: requestedAt + Math.min(expires_in, MAX_LIFETIME_S) * 1_000,
    interval: Math.min(Math.max(interval, 1), MAX_INTERVAL_S),
  };
}
