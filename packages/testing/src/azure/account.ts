import { randomBytes } from "node:crypto";
import { AzureError } from "./azure-error.js";
import { AzureControl } from "./control/control.js";
import { AzureRequestLog } from "./http/request-log.js";
import { checkShareName } from "./storage/names.js";
import { Share } from "./storage/share.js";
import { TickClock } from "./storage/ticks.js";

/** A storage account with its keys and shares. */
export class Account {
  readonly shares = new Map<string, Share>();
  readonly ticks: TickClock;
  readonly log = new AzureRequestLog();
  readonly control: AzureControl;
  /** Accepted tokens of Microsoft Entra ID, each with its audience. They can read and write everything. */
  readonly bearerTokens = new Map<string, string>();
  /** Both keys are accepted. The connection string contains the first. */
  readonly keys: [Buffer, Buffer] = [randomBytes(64), randomBytes(64)];

  constructor(
    readonly name: string,
    /** Milliseconds since the epoch. */
    readonly clock: () => number,
  ) {
    this.ticks = new TickClock(clock);
    this.control = new AzureControl(clock);
  }

  /**
   * Creates a share.
   *
   * @throws AzureError `InvalidResourceName`, `OutOfRangeInput` or `ShareAlreadyExists`
   */
  createShare(name: string): Share {
    checkShareName(name);
    if (this.shares.has(name)) throw new AzureError("ShareAlreadyExists");
    const share = new Share(name, this.ticks);
    this.shares.set(name, share);
    return share;
  }

  /**
   * Returns the share with a name.
   *
   * @throws AzureError `ShareNotFound`
   */
  share(name: string): Share {
    const share = this.shares.get(name);
    if (share === undefined) throw new AzureError("ShareNotFound");
    return share;
  }
}
