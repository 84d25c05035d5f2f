/** What happens to a delivery on its way. */
export interface DeliveryFault {
  /** Default: any. */
  event?: string;
  /** Default: any. */
  action?: string;
  /** How often; default once. */
  times?: number;
  /** Never arrives (it stands in the log and can be sent again), or arrives twice. */
  how: "drop" | "duplicate";
}

/** Deliveries that are kept back. */
export interface HeldDeliveries {
  /** Lets them go, in the order they came or the other way round, and keeps back no more. */
  release: (options?: { reverse?: boolean }) => void;
}

/** What a test says about deliveries on their way. */
export class DeliverySettings {
  /** Milliseconds that a receiver has to answer. */
  timeout = 10_000;
  private readonly faults: { fault: DeliveryFault; left: number }[] = [];
  private held: (() => void)[] | undefined;

  /** Adds a fault. Returns a function that takes it away. */
  add(fault: DeliveryFault): () => void {
    const entry = { fault, left: fault.times ?? 1 };
    this.faults.push(entry);
    return () => {
      entry.left = 0;
    };
  }

  /** The fault for a delivery, used up by being asked for. */
  take(event: string, action: string | null): DeliveryFault["how"] | undefined {
    const entry = this.faults.find(
      ({ fault, left }) =>
        left > 0 && (fault.event ?? event) === event && (fault.action === undefined || fault.action === action),
    );
    if (entry === undefined) return undefined;
    entry.left -= 1;
    return entry.fault.how;
  }

  /** Keeps back what comes from now on. */
  hold(): HeldDeliveries {
    const held: (() => void)[] = [];
    this.held = held;
    const release = ({ reverse = false }: { reverse?: boolean } = {}): void => {
      if (this.held === held) this.held = undefined;
      for (const go of reverse ? held.splice(0).reverse() : held.splice(0)) go();
    };
    return { release };
  }

  /** Does it now, or when what is kept back is let go. */
  whenAllowed(go: () => void): void {
    if (this.held === undefined) go();
    else this.held.push(go);
  }
}
