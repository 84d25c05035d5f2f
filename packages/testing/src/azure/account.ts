import { randomBytes } from "node:crypto";
import { AzureError } from "./azure-error.js";
import { AzureControl } from "./control/control.js";
import { AzureRequestLog } from "./http/request-log.js";
import { checkShareName } from "./storage/names.js";
import { Share } from "./storage/share.js";
import { TickClock } from "./storage/ticks.js";

/** A storage account: its name, its keys and its shares. */
export class Account {
  readonly shares = new Map<string, Share>();
  readonly ticks: TickClock;
  readonly log = new AzureRequestLog();
  readonly control: AzureControl;
  /** Tokens of Microsoft Entra ID that may read and write everything, and whom each is for. */
  readonly bearerTokens = new Map<string, string>();
  /** Either signs; the first is the connection string's. */
  readonly keys: [Buffer, Buffer] = [randomBytes(64), randomBytes(64)];

  constructor(
    readonly name: string,
    /** Milliseconds since the epoch. */
    readonly clock: () => number,
  ) {
    this.ticks = new TickClock(clock);
    this.control = new AzureControl(clock);
  }

  /** Makes a share. Throws Azure's 400 and 409. */
  createShare(name: string): Share {
    checkShareName(name);
    if (this.shares.has(name)) throw new AzureError("ShareAlreadyExists");
    const share = new Share(name, this.ticks);
    this.shares.set(name, share);
    return share;
  }

  /** The share of that name. Throws Azure's 404. */
  share(name: string): Share {
    const share = this.shares.get(name);
    if (share === undefined) throw new AzureError("ShareNotFound");
    return share;
  }
}
