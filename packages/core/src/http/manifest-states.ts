import { randomBytes } from "node:crypto";
import type { Clock } from "../adapters/clock.js";
import { browserHash } from "../connections/browser-binding.js";
import { RecentValues } from "../timing/recent-values.js";

const LIFETIME_MS = 10 * 60_000;

/** The states of manifests that browsers have sent to GitHub. A state works once, within 10 minutes, in the browser that got it. */
export class ManifestStates {
  readonly #browsers: RecentValues<string>;

  constructor(clock: Pick<Clock, "now">) {
    this.#browsers = new RecentValues(clock, { maxAgeMs: LIFETIME_MS });
  }

  /** Returns a new state of a browser. @param browser the `hash` of its binding */
  begin(browser: string): string {
    const state = randomBytes(32).toString("base64url");
    this.#browsers.put(state, browser);
    return state;
  }

  /** Uses up a state. Returns true when the browser with this cookie got it. */
  take(state: string, cookie: string | undefined): boolean {
    const browser = this.#browsers.get(state);
    if (browser === null || cookie === undefined || browserHash(cookie) !== browser) return false;
    this.#browsers.delete(state);
    return true;
  }
}
