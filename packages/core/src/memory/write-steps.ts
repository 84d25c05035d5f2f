import { GitHubSdkError } from "../errors.js";

/** The points of writes at which a test interferes or fails them. */
export class WriteSteps {
  #before: (() => Promise<void> | void) | null = null;
  /** The steps until one fails. */
  #left = Number.POSITIVE_INFINITY;

  /** Runs an action before each step. `null` stops it. */
  before(action: (() => Promise<void> | void) | null): void {
    this.#before = action;
  }

  /** Fails the `step`-th step from now. */
  failAt(step: number): void {
    this.#left = step;
  }

  /** Returns the function by which one session takes its steps. After a failed step, all its steps fail. */
  ofSession(): () => Promise<void> {
    let isDead = false;
    return async () => {
      if (!isDead) {
        try {
          await this.#before?.();
          this.#left -= 1;
          isDead = this.#left === 0;
        } catch (error) {
          isDead = true;
          throw error;
        }
      }
      if (isDead) throw new GitHubSdkError("source_unavailable", "The write was interrupted at a step of a test.");
    };
  }
}
