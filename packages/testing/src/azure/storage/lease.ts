import { randomUUID } from "node:crypto";
import { AzureError } from "../azure-error.js";

/** Headers that tell of a lease. */
export interface LeaseStatus {
  state: "available" | "leased" | "broken";
  status: "locked" | "unlocked";
  duration?: "infinite";
}

/** The lease of a file. Leases of files never run out: https://learn.microsoft.com/rest/api/storageservices/lease-file */
export class Lease {
  private id: string | undefined;
  private state: LeaseStatus["state"] = "available";

  get status(): LeaseStatus {
    if (this.state === "leased") return { state: "leased", status: "locked", duration: "infinite" };
    return { state: this.state, status: "unlocked" };
  }

  /** Leases; the same id may do it again. Returns the id. */
  acquire(proposed: string | undefined): string {
    if (this.state === "leased" && this.id !== proposed) throw new AzureError("LeaseAlreadyPresent");
    this.id = proposed ?? randomUUID();
    this.state = "leased";
    return this.id;
  }

  release(id: string | undefined): void {
    this.checkHolder(id);
    this.id = undefined;
    this.state = "available";
  }

  change(id: string | undefined, proposed: string): string {
    if (this.state !== "leased") throw new AzureError("LeaseNotPresentWithLeaseOperation");
    if (id !== this.id && proposed !== this.id) throw new AzureError("LeaseIdMismatchWithLeaseOperation");
    this.id = proposed;
    return proposed;
  }

  /** Ends it at once, whoever holds it. */
  break(id: string | undefined): void {
    if (this.state === "available") throw new AzureError("LeaseNotPresentWithLeaseOperation");
    if (id !== undefined) this.checkHolder(id);
    this.state = "broken";
  }

  /** Throws Azure's 412 unless somebody with this lease id, or without one, may write. */
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

  /** Throws Azure's 412 unless a read that names a lease names this one. */
  checkRead(id: string | undefined): void {
    if (id !== undefined) this.checkWrite(id);
  }

  private checkHolder(id: string | undefined): void {
    if (this.id === undefined) throw new AzureError("LeaseNotPresentWithLeaseOperation");
    if (id !== this.id) throw new AzureError("LeaseIdMismatchWithLeaseOperation");
  }
}
