import { randomUUID } from "node:crypto";
import { AzureError } from "../azure-error.js";

/** The values of the lease headers. */
export interface LeaseStatus {
  state: "available" | "leased" | "broken";
  status: "locked" | "unlocked";
  duration?: "infinite";
}

/**
 * The lease of a file. File leases do not expire.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/lease-file
 */
export class Lease {
  private id: string | undefined;
  private state: LeaseStatus["state"] = "available";

  get status(): LeaseStatus {
    if (this.state === "leased") return { state: "leased", status: "locked", duration: "infinite" };
    return { state: this.state, status: "unlocked" };
  }

  /** Acquires the lease. The holder can acquire it again with the same ID. Returns the ID. */
  acquire(proposed: string | undefined): string {
    if (this.state === "leased" && this.id !== proposed) throw new AzureError("LeaseAlreadyPresent");
    this.id = proposed ?? randomUUID();
    this.state = "leased";
    return this.id;
  }

  /** Releases the lease. */
  release(id: string | undefined): void {
    this.checkHolder(id);
    this.id = undefined;
    this.state = "available";
  }

  /** Replaces the lease ID. Returns the new one. */
  change(id: string | undefined, proposed: string): string {
    if (this.state !== "leased") throw new AzureError("LeaseNotPresentWithLeaseOperation");
    if (id !== this.id && proposed !== this.id) throw new AzureError("LeaseIdMismatchWithLeaseOperation");
    this.id = proposed;
    return proposed;
  }

  /** Breaks the lease immediately. */
  break(id: string | undefined): void {
    if (this.state === "available") throw new AzureError("LeaseNotPresentWithLeaseOperation");
    if (id !== undefined) this.checkHolder(id);
    this.state = "broken";
  }

  /**
   * Checks that a request with this lease ID, or without one, can write the file.
   *
   * @throws AzureError with status 412
   */
  checkWrite(id: string | undefined): void {
    if (this.state !== "leased") {
      if (id === undefined) return;
      throw new AzureError(
        this.state === "broken" && id === this.id ? "LeaseLost" : "LeaseNotPresentWithFileOperation",
      );
    }
    if (id === undefined) throw new AzureError("LeaseIdMissing");
    if (id !== this.id) throw new AzureError("LeaseIdMismatchWithFileOperation");
  }

  /**
   * Checks the lease ID of a read. Reads do not need one.
   *
   * @throws AzureError with status 412
   */
  checkRead(id: string | undefined): void {
    if (id !== undefined) this.checkWrite(id);
  }

  private checkHolder(id: string | undefined): void {
    if (this.id === undefined) throw new AzureError("LeaseNotPresentWithLeaseOperation");
    if (id !== this.id) throw new AzureError("LeaseIdMismatchWithLeaseOperation");
  }
}
