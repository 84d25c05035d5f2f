import type { HttpHandler } from "msw";
import { loadMsw, type Msw, mswHandlers } from "../box/msw-handlers.js";
import { type BoxServer, type ListenOptions, listen } from "../box/node-server.js";
import { Account } from "./account.js";
import { createSas, type SasOptions } from "./auth/sas.js";
import { BoxShare } from "./box-share.js";
import type { AzureControl } from "./control/control.js";
import { AzureGateway } from "./gateway.js";
import type { RecordedAzureRequest } from "./http/request-log.js";

/** How a box is made. */
export interface AzureFilesBoxOptions {
  /** Name of the storage account; default `infrajettest`. */
  account?: string;
  /** Milliseconds since the epoch, for entity tags, times of files and the expiry of signatures. Default `Date.now`. */
  clock?: () => number;
  /** Tokens of Microsoft Entra ID that are let in. */
  bearerTokens?: readonly string[];
}

/** One storage account with its file shares. Made by {@link createAzureFilesBox}. */
export class AzureFilesBox {
  /** Faults, hooks, latency, throttling. */
  readonly control: AzureControl;
  private readonly account: Account;
  private readonly gateway: AzureGateway;
  private readonly servers = new Set<BoxServer>();

  constructor(
    { account = "infrajettest", clock = Date.now, bearerTokens = [] }: AzureFilesBoxOptions,
    private readonly msw: Msw | undefined,
  ) {
    this.account = new Account(account, clock);
    for (const token of bearerTokens) this.addBearerToken(token);
    this.gateway = new AzureGateway(this.account);
    this.control = this.account.control;
  }

  /** The account's name. */
  get accountName(): string {
    return this.account.name;
  }

  /** The account's first key, in base64. */
  get accountKey(): string {
    return this.account.keys[0].toString("base64");
  }

  /**
   * Where the account's shares are: `http://127.0.0.1:4000/{account}` of the server that was started last, else
   * `https://{account}.file.core.windows.net`, which msw answers.
   */
  get endpoint(): string {
    const server = [...this.servers].at(-1);
    return server === undefined
      ? `https://${this.account.name}.file.core.windows.net`
      : `${server.url}/${this.account.name}`;
  }

  /** What Azure's clients are made with: account, key and endpoint. */
  get connectionString(): string {
    const protocol = new URL(this.endpoint).protocol.slice(0, -1);
    return `DefaultEndpointsProtocol=${protocol};AccountName=${this.accountName};AccountKey=${this.accountKey};FileEndpoint=${this.endpoint};`;
  }

  /** Every request since the counters were reset, in the order they came. */
  get requests(): readonly RecordedAzureRequest[] {
    return this.account.log.requests;
  }

  /** The most requests that were being answered at the same time since the counters were reset. */
  get mostAtOnce(): number {
    return this.account.log.mostAtOnce;
  }

  /** How many requests there were, of one operation (`GetFile`) or path when it is named. */
  count(which?: string): number {
    return this.account.log.count(which);
  }

  /** Forgets the requests counted so far. */
  resetCounters(): void {
    this.account.log.reset();
  }

  /** Makes a share; throws where there is one of that name. */
  createShare(name: string): BoxShare {
    return new BoxShare(this.account.createShare(name));
  }

  /** The share of that name, made here or by a client; throws where there is none. */
  share(name: string): BoxShare {
    return new BoxShare(this.account.share(name));
  }

  /** Removes a share and its snapshots. */
  deleteShare(name: string): void {
    this.account.shares.delete(name);
  }

  /** The query of a shared access signature, without `?`: for the account, or with `share` for one share. */
  sas(options: SasOptions = {}): string {
    return createSas(this.account, options).toString();
  }

  /** The address of the account, a share or a file with a shared access signature. */
  sasUrl(options: SasOptions = {}): string {
    const path = [options.share, ...(options.file?.split("/") ?? [])].filter((part) => part !== undefined);
    return `${[this.endpoint, ...path.map(encodeURIComponent)].join("/")}?${this.sas(options)}`;
  }

  /** Lets a token of Microsoft Entra ID in, unless it is for another audience than Azure Storage. */
  addBearerToken(token: string, { audience = "https://storage.azure.com" }: { audience?: string } = {}): void {
    this.account.bearerTokens.set(token, audience);
  }

  /** Makes a token worthless: from now on it is answered with 401. */
  revokeBearerToken(token: string): void {
    this.account.bearerTokens.delete(token);
  }

  /** Answers a request as Azure would: the one function that msw handlers and the server are shells of. */
  readonly fetch = (request: Request): Promise<Response> => this.gateway.fetch(request);

  /** msw handlers for the account's address, or for the origins named. Throws where msw, an optional peer dependency, is not installed. */
  handlers(origins: readonly string[] = [`https://${this.account.name}.file.core.windows.net`]): HttpHandler[] {
    if (this.msw === undefined) throw new Error("box.handlers() needs msw: install it beside this package");
    return mswHandlers(this.msw, this.fetch, origins);
  }

  /** Starts a real HTTP server; the account's shares are at `{url}/{account}`, as {@link connectionString} says from now on. */
  async listen(options: ListenOptions = {}): Promise<BoxServer> {
    const server = await listen(this.fetch, options);
    const close = async (): Promise<void> => {
      this.servers.delete(open);
      await server.close();
    };
    const open = { ...server, close };
    this.servers.add(open);
    return open;
  }

  /** Stops its servers and ends requests that hang. */
  async close(): Promise<void> {
    this.gateway.closing.abort();
    for (const server of [...this.servers]) await server.close();
  }
}

/** Makes an Azure storage account without any share. Close it after use. */
export async function createAzureFilesBox(options: AzureFilesBoxOptions = {}): Promise<AzureFilesBox> {
  return new AzureFilesBox(options, await loadMsw());
}
