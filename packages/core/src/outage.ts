import type { Logger } from "./logger.js";

/** Logs the beginning and the end of an outage, and none of the failures in between. */
export class Outage {
  #isOver = true;
  readonly #logger: Logger;
  readonly #message: string;

  /** @param message the warning at the beginning, such as `The token cache is unreachable.` */
  constructor(logger: Logger, message: string) {
    this.#logger = logger;
    this.#message = message;
  }

  /** Records a failure. */
  failed(error: unknown): void {
    if (this.#isOver) this.#logger.warn(this.#message, { error });
    this.#isOver = false;
  }

  /** Records a success. */
  succeeded(): void {
    if (!this.#isOver) this.#logger.info(`It is over: ${this.#message}`);
    this.#isOver = true;
  }
}
