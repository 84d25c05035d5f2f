import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  createGitHubSdk,
  type GitHubSdk,
  type GitHubSdkOptions,
  isGitHubSdkError,
  type LinkRequest,
  silentLogger,
} from "@infrajet/github";
import {
  type Clock,
  type GitHubSdkStores,
  type SubmitJobOptions,
  type SyncHistoryEntry,
  systemClock,
} from "@infrajet/github/adapters";
import { type MemoryFileTree, MemoryJobRunner, MemoryProjectFiles, memoryStores } from "@infrajet/github/memory";
import {
  announceSecret,
  type BoxRepository,
  createGitHubBox,
  type GitHubApp,
  type GitHubBox,
  type GitHubBoxServer,
  type Installation,
} from "@infrajet/github-testing";

export const PROJECT = { userId: "7", projectId: "infra" };

/** The system clock plus an offset. */
export class AdvancedClock implements Clock {
  readonly sleep = systemClock.sleep;
  readonly now = (): number => systemClock.now() + this.#ahead;
  #ahead = 0;

  putForward(milliseconds: number): void {
    this.#ahead += milliseconds;
  }

  idle(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return systemClock.idle(milliseconds, signal);
  }
}

/** Keeps syncs that are submitted with a delay until a test runs them. */
class HeldJobs extends MemoryJobRunner {
  readonly delays: number[] = [];
  readonly #advanced: AdvancedClock;
  #held = new Set<number>();

  constructor(clock: AdvancedClock) {
    super({ clock });
    this.#advanced = clock;
  }

  override async submit(syncId: number, { delayMs = 0 }: SubmitJobOptions = {}): Promise<void> {
    if (delayMs === 0) return super.submit(syncId);
    this.delays.push(delayMs);
    this.#held.add(syncId);
  }

  /** Runs the held syncs, and returns their IDs. */
  async release(): Promise<readonly number[]> {
    const ids = [...this.#held];
    this.#held = new Set();
    if (ids.length > 0) this.#advanced.putForward(Math.max(...this.delays));
    for (const id of ids) await super.submit(id);
    return ids;
  }
}

type HostOptions = Partial<GitHubSdkOptions> & { readonly clock?: AdvancedClock };

/** A host with stores of its own, whose App receives the webhooks of the box. */
export class LinkedHost {
  readonly files = new MemoryProjectFiles();
  readonly stores: GitHubSdkStores;
  readonly jobs: HeldJobs;
  readonly sdk: GitHubSdk;

  constructor(
    readonly app: GitHubApp | null,
    private readonly server: Server | null,
    { clock = new AdvancedClock(), ...options }: HostOptions,
  ) {
    this.jobs = new HeldJobs(clock);
    this.stores = memoryStores({ clock });
    this.sdk = createGitHubSdk({
      ...{
        projectFiles: this.files,
        stores: this.stores,
        jobs: this.jobs,
        clock,
        logger: silentLogger,
        retryPauseMs: 1,
      },
      ...options,
    });
    server?.on("request", async (incoming, response) => response.writeHead(await this.#receive(incoming)).end());
  }

  link(request: Partial<LinkRequest> = {}) {
    return this.sdk.sync.link({ project: PROJECT, repository: "ada/infra", ...request });
  }

  write(path: string, content: string, project = PROJECT): void {
    this.files.setFile(project, path, content);
  }

  /** Returns the project's files as text by path. */
  async project(project = PROJECT): Promise<Record<string, string>> {
    const session = await this.files.open(project);
    const files: [string, string][] = [];
    for await (const entry of session.list("")) {
      if (entry.type === "directory") continue;
      const pieces: Uint8Array[] = [];
      for await (const piece of (await session.read(entry)).bytes) pieces.push(piece);
      files.push([entry.path, Buffer.concat(pieces).toString("utf8")]);
    }
    await session.close();
    return Object.fromEntries(files.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Returns the syncs of a project, oldest first. */
  async syncs(project = PROJECT): Promise<readonly SyncHistoryEntry[]> {
    return (await this.sdk.sync.history(project)).records.toReversed();
  }

  async close(): Promise<void> {
    await this.sdk.close();
    this.server?.closeAllConnections();
    if (this.server !== null) await new Promise((resolve) => this.server?.close(resolve));
  }

  async #receive(incoming: IncomingMessage): Promise<number> {
    const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, `${value}`]));
    return this.sdk.webhooks.handle({ headers, body: incoming }).then(
      () => 200,
      (error: unknown) => (isGitHubSdkError(error) ? error.status : 599),
    );
  }
}

/** GitHub in a box with the repository ada/infra, and the hosts that link it. */
export class LinkedHosts {
  readonly hosts: LinkedHost[] = [];
  readonly installations: Installation[] = [];

  private constructor(
    readonly box: GitHubBox,
    readonly github: GitHubBoxServer,
    readonly repository: BoxRepository,
  ) {}

  static async start(): Promise<LinkedHosts> {
    const box = await createGitHubBox();
    box.addUser({ login: "ada" });
    const repository = await box.createRepository({ owner: "ada", name: "infra", autoInit: true });
    return new LinkedHosts(box, await box.listen(), repository);
  }

  /** Adds a host with an App of its own that is installed in ada's account, or without one. */
  async add(files: MemoryFileTree = {}, options: HostOptions & { readonly withApp?: boolean } = {}) {
    const { withApp = true, ...sdk } = options;
    const { apiUrl } = this.github;
    const auth = this.box.addToken({ login: "ada", scopes: ["repo", "workflow"] });
    const host = withApp
      ? await this.#withApp({ apiUrl, auth, ...sdk })
      : new LinkedHost(null, null, { apiUrl, auth, ...sdk });
    host.files.setProject(PROJECT, files);
    this.hosts.push(host);
    if (host.app !== null) this.installations.push(this.box.install(host.app, { account: "ada" }));
    await this.box.deliveriesSettled();
    return host;
  }

  /** Commits as another client. */
  async commit(files: Parameters<BoxRepository["commit"]>[0]["files"], branch = "main"): Promise<string> {
    const head = await this.repository.commit({ files, branch });
    await this.box.deliveriesSettled();
    return head;
  }

  /** Sends a request to GitHub as ada. */
  async request(method: string, path: string): Promise<void> {
    const token = this.box.addToken({ login: "ada", scopes: ["repo", "delete_repo"] });
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${this.github.apiUrl}/${path}`, { method, headers });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
    await this.box.deliveriesSettled();
  }

  /** Runs all syncs and delivers their webhooks until there is nothing left to do. Returns the number of syncs. */
  async rest(): Promise<number> {
    for (let syncs = 0; ; ) {
      await this.box.deliveriesSettled();
      let released = 0;
      for (const { jobs, sdk } of this.hosts) {
        for (const id of await jobs.release()) {
          if ((await sdk.sync.wait(id)).status !== "pending") released += 1;
        }
      }
      if (released === 0) return syncs;
      syncs += released;
      if (syncs > 50) throw new Error("The hosts do not come to rest.");
    }
  }

  /** Returns the branch's files as text by path. */
  async branch(name?: string): Promise<Record<string, string>> {
    const files = await this.repository.files(name);
    return Object.fromEntries([...files].sort().map(([path, { content }]) => [path, content.toString("utf8")]));
  }

  async close(): Promise<void> {
    for (const host of this.hosts) await host.close();
    await this.box.close();
  }

  async #withApp(options: HostOptions): Promise<LinkedHost> {
    const webhookSecret = announceSecret(randomBytes(20).toString("hex"));
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const app = this.box.addApp({
      ...{ name: `links-${this.hosts.length}`, events: ["push", "repository"], webhookSecret },
      webhookUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      permissions: { contents: "write" },
    });
    const { id: appId, privateKey } = app;
    return new LinkedHost(app, server, {
      app: { appId, privateKey, webhookSecrets: [webhookSecret] },
      // Handlers have run when GitHub receives the response.
      webhooks: { inline: true, sweep: false },
      ...options,
    });
  }
}
