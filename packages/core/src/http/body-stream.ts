import type { Clock } from "../adapters/clock.js";
import { GitHubSdkError } from "../errors.js";
import { abortable } from "../timing/abortable.js";
import { timeoutSignal } from "../timing/timeout-signal.js";

const READING_TIMEOUT_MS = 10_000;

/** Yields the chunks of a body. Throws when the whole body does not arrive in time. @throws GitHubSdkError `request_timeout` */
export async function* withReadingTimeout(body: AsyncIterable<Uint8Array>, clock: Clock): AsyncGenerator<Uint8Array> {
  const error = new GitHubSdkError(
    "request_timeout",
    `The request body did not arrive within ${READING_TIMEOUT_MS / 1000} seconds.`,
  );
  const timeout = timeoutSignal(clock, READING_TIMEOUT_MS, error);
  const chunks = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await abortable([timeout.signal], () => chunks.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    timeout.clear();
    // Not awaited: a stream without further bytes would never resolve it.
    chunks.return?.().catch(() => undefined);
  }
}

/** A limit of the bytes that several readers hold at the same time. */
export class ByteBudget {
  readonly #limit: number;
  #held = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Yields the chunks of a body and counts them until it is read. @throws GitHubSdkError `rate_limited` over the limit */
  async *reading(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let held = 0;
    try {
      for await (const chunk of body) {
        held += chunk.byteLength;
        this.#held += chunk.byteLength;
        if (this.#held > this.#limit) throw overBudget();
        yield chunk;
      }
    } finally {
      this.#held -= held;
    }
  }
}

function overBudget(): GitHubSdkError {
  return new GitHubSdkError("rate_limited", "Too many webhook deliveries are being received. Try again later.", {
    details: { retryAfter: READING_TIMEOUT_MS / 1000 },
  });
}
