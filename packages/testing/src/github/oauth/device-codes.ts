import { randomBytes, randomInt } from "node:crypto";
import type { Account } from "../accounts/account.js";
import { announceSecret } from "../secret-channel.js";
import type { OAuthClient } from "./oauth-client.js";

/** A request of a device to act for the user who enters its code. */
export interface DeviceRequest {
  readonly deviceCode: string;
  /** The code that the user types, such as `WDJB-MJHT`. */
  readonly userCode: string;
  readonly client: OAuthClient;
  readonly scopes: readonly string[];
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** Seconds that the device must wait between two requests for the token. */
  interval: number;
  /** Time of the device's last request for the token. */
  polledAt: number | null;
  /** Absent until the user decides. */
  decision?: { readonly user: Account; readonly isAllowed: boolean };
}

/** Lifetime of a code in seconds. */
export const DEVICE_CODE_LIFETIME = 900;

const SLOW_DOWN = 5;
// GitHub's codes have no vowels and no digits.
const LETTERS = "BCDFGHJKLMNPQRSTVWXZ";

/** The codes of devices. A code works once, for 15 minutes. */
export class DeviceCodes {
  private readonly requests = new Map<string, DeviceRequest>();

  constructor(private readonly clock: () => number) {}

  /** Issues the codes of a request. */
  issue(client: OAuthClient, scopes: readonly string[], interval: number): DeviceRequest {
    const letters = Array.from({ length: 8 }, () => LETTERS[randomInt(LETTERS.length)]).join("");
    const request: DeviceRequest = {
      deviceCode: announceSecret(randomBytes(20).toString("hex")),
      userCode: `${letters.slice(0, 4)}-${letters.slice(4)}`,
      ...{ client, scopes, interval },
      expiresAt: this.clock() + DEVICE_CODE_LIFETIME * 1000,
      polledAt: null,
    };
    this.requests.set(request.deviceCode, request);
    return request;
  }

  /** Returns the client's request with a device code, also an expired one. */
  find(deviceCode: string, client: OAuthClient): DeviceRequest | undefined {
    const request = this.requests.get(deviceCode);
    return request?.client === client ? request : undefined;
  }

  /** Returns the request that waits for a user to enter this code, with or without the dash, in any case. */
  waiting(userCode: string): DeviceRequest | undefined {
    const wanted = letters(userCode);
    return [...this.requests.values()].find(
      (request) => letters(request.userCode) === wanted && request.decision === undefined && !this.isExpired(request),
    );
  }

  /** True when the user can no longer enter the code. */
  isExpired({ expiresAt }: DeviceRequest): boolean {
    return expiresAt <= this.clock();
  }

  /** Records a request for the token. Returns false when it came too early; the interval grows by 5 seconds then. */
  poll(request: DeviceRequest): boolean {
    const now = this.clock();
    const isEarly = request.polledAt !== null && now - request.polledAt < request.interval * 1000;
    request.polledAt = now;
    if (isEarly) request.interval += SLOW_DOWN;
    return !isEarly;
  }

  /** Uses a request up. */
  use({ deviceCode }: DeviceRequest): void {
    this.requests.delete(deviceCode);
  }
}

function letters(userCode: string): string {
  return userCode.toUpperCase().replaceAll(/[^A-Z]/g, "");
}
