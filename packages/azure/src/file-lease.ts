import type { ShareFileClient } from "@azure/storage-file-share";
import type { AzureRequests } from "./azure-requests.js";

/** The leases of files do not expire, so a killed process leaves as many locked files as it held leases. */
const MAX_LEASES = 4;

/** The leases that a source holds at the same time. Callers wait in order. */
export class FileLeases {
  readonly #waiting: (() => void)[] = [];
  #free = MAX_LEASES;

  /**
   * Runs an action with a lease on a file. A lease with the same ID can be acquired again, also after a lost response.
   *
   * @throws the Azure client's error when the lease cannot be acquired, and what the action throws
   */
  async with<Result>(
    file: ShareFileClient,
    leaseId: string,
    requests: AzureRequests,
    signals: readonly AbortSignal[],
    action: () => Promise<Result>,
  ): Promise<Result> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      const lease = file.getShareLeaseClient(leaseId);
      await requests.send(signals, (abortSignal) => lease.acquireLease(undefined, { abortSignal }));
      return await action();
    } finally {
      await releaseLease(file, leaseId, requests).catch(() => {});
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}

/** Releases a lease. @throws the Azure client's error, also when the file is gone, or its lease is another one */
export async function releaseLease(file: ShareFileClient, leaseId: string, requests: AzureRequests): Promise<void> {
  const lease = file.getShareLeaseClient(leaseId);
  await requests.send([], (abortSignal) => lease.releaseLease({ abortSignal }));
}
