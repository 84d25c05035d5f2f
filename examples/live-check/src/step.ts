import type { Arguments } from "./arguments.js";
import type { Service, Target } from "./target.js";

/** A part of the check: requests that are sent to GitHub and to a box in the same order. */
export interface Step {
  readonly number: number;
  readonly title: string;
  /** Returns why the step cannot run with these settings; `null` when it can. */
  readonly skip?: (service: Service, asked: Arguments) => string | null;
  /** Sends the requests. Rejects when a request that later ones depend on fails. */
  readonly run: (target: Target) => Promise<void>;
}
