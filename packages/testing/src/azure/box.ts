import type { HttpHandler } from "msw";
import { loadMsw, type Msw, mswHandlers } from "../box/msw-handlers.js";
import { type BoxServer, type ListenOptions, listen } from "../box/node-server.js";
import { Account } from "./account.js";
import { createSas, type SasOptions } from "./auth/sas.js";
import { BoxShare } from "./box-share.js";
import type { AzureControl } from "./control/control.js";
import { AzureGateway } from "./gateway.js";
import type { RecordedAzureRequest } from "./http/request-log.js";

/** The options of {@link createAzureFilesBox}. */
export interface AzureFilesBoxOptions {
  /** Name of the storage account. Defaults to `infrajettest`. */
  account?: string;
  /** Returns milliseconds since the epoch, for entity tags, file times and the expiry of signatures. Defaults to `Date.now`. */
  clock?: () => number;
  /** Tokens of Microsoft Entra ID that the account accepts. */
  bearerTokens?: readonly string[];
}

/** A simulated storage account with file shares. Created by {@link createAzureFilesBox}. */
export class AzureFilesBox {
  /** Faults, hooks, latency and throttling. */
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

  /** Name of the account. */
  get accountName(): string {
    return this.account.name;
  }

  /** First key of the account, in base64. */
  get accountKey(): string {
    return this.account.keys[0].toString("base64");
  }

  /**
   * URL of the account: `http://127.0.0.1:4000/{account}` of the server that was started last, or, without a server,
   * `https://{account}.file.core.windows.net` for msw.
   */
  get endpoint(): string {
    const server = [...this.servers].at(-1);
    return server === undefined
      ? `https://${this.account.name}.file.core.windows.net`
      : `${server.url}/${this.account.name}`;
  }

  /** Connection string with the account, its first key and the endpoint. */
  get connectionString(): string {
    const protocol = new URL(this.endpoint).protocol.slice(0, -1);
    return `DefaultEndpointsProtocol=${protocol};AccountName=${this.accountName};AccountKey=${this.accountKey};FileEndpoint=${this.endpoint};`;
  }

  /** All requests since the counters were reset, in the order of arrival. */
  get requests(): readonly RecordedAzureRequest[] {
    return this.account.log.requests;
  }

  /** The largest number of requests that were handled at the same time since the counters were reset. */
  get mostAtOnce(): number {
    return this.account.log.mostAtOnce;
  }

  /** Counts requests: all of them, or those of an operation (`GetFile`) or a path. */
  count(which?: string): number {
    return this.account.log.count(which);
  }

  /** Clears the recorded requests. */
  resetCounters(): void {
    this.account.log.reset();
  }

  /** Creates a share. Throws when the name is invalid or taken. */
  createShare(name: string): BoxShare {
    return new BoxShare(this.account.createShare(name));
  }

  /** Returns the share with a name, created here or by a client. Throws when it does not exist. */
  share(name: string): BoxShare {
    return new BoxShare(this.account.share(name));
  }

  /** Deletes a share and its snapshots. */
  deleteShare(name: string): void {
    this.account.shares.delete(name);
  }

  /** Creates a shared access signature for the account, or with `share` for one share. Returns the query string without `?`. */
  sas(options: SasOptions = {}): string {
    return createSas(this.account, options).toString();
  }

  /** Returns the URL of the account, a share or a file with a shared access signature. */
  sasUrl(options: SasOptions = {}): string {
    const path = [options.share, ...(options.file?.split("/") ?? [])].filter((part) => part !== undefined);
    return `${[this.endpoint, ...path.map(encodeURIComponent)].join("/")}?${this.sas(options)}`;
  }

  /** Adds a token of Microsoft Entra ID. Requests with it are rejected when its audience is not Azure Storage. */
  addBearerToken(token: string, { audience = "https://storage.azure.com" }: { audience?: string } = {}): void {
    this.account.bearerTokens.set(token, audience);
  }

  /** Revokes a token. Requests with it get a 401. */
  revokeBearerToken(token: string): void {
    this.account.bearerTokens.delete(token);
  }

  /** Responds to a request as Azure does. The msw handlers and the HTTP server call this function. */
  readonly fetch = (request: Request): Promise<Response> => this.gateway.fetch(request);

  /**
   * Returns msw handlers for the account's URL, or for other origins. Throws when msw, an optional peer dependency, is not
   * installed.
   */
  handlers(origins: readonly string[] = [`https://${this.account.name}.file.core.windows.net`]): HttpHandler[] {
    if (this.msw === undefined)
      throw new Error("box.handlers() requires msw. Install msw as a development dependency.");
    return mswHandlers(this.msw, this.fetch, origins);
  }

  /** Starts an HTTP server. The account is at `{url}/{account}`; {@link connectionString} and {@link endpoint} change to it. */
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

  /** Stops all servers and ends requests that hang. */
  async close(): Promise<void> {
    this.gateway.closing.abort();
    for (const server of [...this.servers]) await server.close();
  }
}

/** Creates an Azure storage account without shares. Call `close()` after use. */
export async function createAzureFilesBox(options: AzureFilesBoxOptions = {}): Promise<AzureFilesBox> {
  return new AzureFilesBox(options, await loadMsw());
}
