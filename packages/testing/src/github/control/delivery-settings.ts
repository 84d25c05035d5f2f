/** A fault of webhook deliveries. */
export interface DeliveryFault {
  /** Defaults to any event. */
  event?: string;
  /** Defaults to any action. */
  action?: string;
  /** Number of deliveries that the fault applies to. Defaults to 1. */
  times?: number;
  /** `drop`: the delivery does not arrive, but is logged and can be redelivered. `duplicate`: the delivery arrives twice. */
  how: "drop" | "duplicate";
}

/** Deliveries that are held. */
export interface HeldDeliveries {
  /** Sends the held deliveries, with `reverse` in reverse order, and stops holding. */
  release: (options?: { reverse?: boolean }) => void;
}

/** The faults, holds and timeout of webhook deliveries. */
export class DeliverySettings {
  /** Timeout for receivers in milliseconds. */
  timeout = 10_000;
  private readonly faults: { fault: DeliveryFault; left: number }[] = [];
  private held: (() => void)[] | undefined;

  /** Adds a fault. Returns a function that removes it. */
  add(fault: DeliveryFault): () => void {
    const entry = { fault, left: fault.times ?? 1 };
    this.faults.push(entry);
    return () => {
      entry.left = 0;
    };
  }

  /** Returns the effect of the first fault that matches a delivery, and counts it as used. */
  take(event: string, action: string | null): DeliveryFault["how"] | undefined {
    const entry = this.faults.find(
      ({ fault, left }) =>
        left > 0 && (fault.event ?? event) === event && (fault.action === undefined || fault.action === action),
    );
    if (entry === undefined) return undefined;
    entry.left -= 1;
    return entry.fault.how;
  }

  /** Holds deliveries from now on. */
  hold(): HeldDeliveries {
    const held: (() => void)[] = [];
    this.held = held;
    const release = ({ reverse = false }: { reverse?: boolean } = {}): void => {
      if (this.held === held) this.held = undefined;
      for (const go of reverse ? held.splice(0).reverse() : held.splice(0)) go();
    };
    return { release };
  }

  /** Calls `go` immediately, or when held deliveries are released. */
  whenAllowed(go: () => void): void {
    if (this.held === undefined) go();
    else this.held.push(go);
  }
}
