import {
  createGitHubSdk,
  type GitHubSdk,
  type GitHubSdkOptions,
  type SyncRequest,
  silentLogger,
} from "@infrajet/github";
import { type Clock, type ProjectFiles, type SyncRecord, systemClock } from "@infrajet/github/adapters";
import {
  MemoryBaselineStore,
  type MemoryFileTree,
  MemoryLockStore,
  MemoryProjectFiles,
  MemorySyncRecordStore,
} from "@infrajet/github/memory";
import { type BoxRepository, createGitHubBox, type GitHubBox, type GitHubBoxServer } from "@infrajet/github-testing";

/** The system clock plus an offset. Pauses between two reads take no time; timeouts are real. */
class ImpatientClock implements Clock {
  #ahead = 0;

  now(): number {
    return systemClock.now() + this.#ahead;
  }

  putForward(milliseconds: number): void {
    this.#ahead += milliseconds;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(PAUSES.has(milliseconds) || milliseconds < 1_000 ? 0 : milliseconds, signal);
  }

  idle(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return systemClock.idle(milliseconds, signal);
  }
}

const PAUSES = new Set([1_000, 2_000, 4_000]);

export const PROJECT = { userId: "7", projectId: "infra" };

export interface SyncFixtureOptions {
  readonly empty?: boolean;
  readonly files?: MemoryFileTree;
  readonly scopes?: string[];
  readonly sdk?: Partial<GitHubSdkOptions>;
}

/** A GitHub box with one repository, a project in memory, and an SDK that syncs them. */
export class SyncFixture {
  readonly stores: { records: MemorySyncRecordStore; baselines: MemoryBaselineStore; locks: MemoryLockStore };
  readonly sdks: GitHubSdk[] = [];
  readonly clock = new ImpatientClock();
  reads = 0;
  opens = 0;

  private constructor(
    readonly box: GitHubBox,
    readonly server: GitHubBoxServer,
    readonly repository: BoxRepository,
    readonly files: MemoryProjectFiles,
    readonly token: string,
    private readonly options: SyncFixtureOptions,
  ) {
    this.stores = {
      records: new MemorySyncRecordStore([], this.clock),
      baselines: new MemoryBaselineStore(),
      locks: new MemoryLockStore(this.clock),
    };
    this.sdks.push(this.startSdk());
  }

  static async create(options: SyncFixtureOptions = {}): Promise<SyncFixture> {
    const box = await createGitHubBox();
    box.addUser({ login: "ada" });
    const token = box.addToken({ login: "ada", scopes: options.scopes ?? ["repo", "workflow"] });
    const repository = await box.createRepository({ owner: "ada", name: "infra", autoInit: options.empty !== true });
    const files = new MemoryProjectFiles();
    files.setProject(PROJECT, options.files ?? {});
    return new SyncFixture(box, await box.listen(), repository, files, token, options);
  }

  get sdk(): GitHubSdk {
    const sdk = this.sdks.at(-1);
    if (sdk === undefined) throw new Error("no SDK");
    return sdk;
  }

  /** Starts an SDK on the same stores, like another process. */
  startSdk(options: Partial<GitHubSdkOptions> = {}): GitHubSdk {
    return createGitHubSdk({
      auth: this.token,
      apiUrl: this.server.apiUrl,
      projectFiles: this.#counted(),
      stores: this.stores,
      clock: this.clock,
      retryPauseMs: 1,
      logger: silentLogger,
      ...this.options.sdk,
      ...options,
    });
  }

  /** Closes all SDKs and starts another one. */
  async restart(): Promise<void> {
    for (const sdk of this.sdks.splice(0)) await sdk.close();
    this.sdks.push(this.startSdk());
  }

  request(request: Partial<SyncRequest> = {}): SyncRequest {
    return { project: PROJECT, repository: "ada/infra", ...request };
  }

  sync(request: Partial<SyncRequest> = {}): Promise<SyncRecord> {
    return this.sdk.sync.run(this.request(request));
  }

  write(path: string, content: Parameters<MemoryProjectFiles["setFile"]>[2]): void {
    this.files.setFile(PROJECT, path, content);
  }

  remove(path: string): void {
    this.files.deleteFile(PROJECT, path);
  }

  /** Returns the project's files as text by path. */
  async project(): Promise<Record<string, string>> {
    const session = await this.files.open(PROJECT);
    const files: [string, string][] = [];
    for (const directories = [""]; directories.length > 0; ) {
      for await (const entry of session.list(directories.pop() ?? "")) {
        if (entry.type === "directory") {
          directories.push(entry.path);
          continue;
        }
        const pieces: Uint8Array[] = [];
        for await (const piece of (await session.read(entry)).bytes) pieces.push(piece);
        files.push([entry.path, Buffer.concat(pieces).toString("utf8")]);
      }
    }
    await session.close();
    return Object.fromEntries(files.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Commits as another user. */
  commit(files: Parameters<BoxRepository["commit"]>[0]["files"], branch?: string): Promise<string> {
    return this.repository.commit({ files, ...(branch === undefined ? {} : { branch }) });
  }

  /** Returns the branch's files as text by path. */
  async branch(name?: string): Promise<Record<string, string>> {
    const files = await this.repository.files(name);
    return Object.fromEntries([...files].sort().map(([path, { content }]) => [path, content.toString("utf8")]));
  }

  async commits(branch?: string): Promise<number> {
    return (await this.repository.log(branch)).length;
  }

  routes(): string[] {
    return this.box.requests.map(({ route, operation }) => (operation === undefined ? route : `${route} ${operation}`));
  }

  async close(): Promise<void> {
    for (const sdk of this.sdks) await sdk.close();
    await this.box.close();
  }

  #counted(): ProjectFiles {
    return {
      open: async (project, options) => {
        this.opens += 1;
        const session = await this.files.open(project, options);
        return {
          list: (directory, listOptions) => session.list(directory, listOptions),
          read: (file, readOptions) => {
            this.reads += 1;
            return session.read(file, readOptions);
          },
          close: () => session.close(),
        };
      },
      openToWrite: (project, options) => this.files.openToWrite(project, options),
    };
  }
}
