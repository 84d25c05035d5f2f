import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import type {
  CipherContext,
  Clock,
  ConnectionStore,
  EncryptedText,
  LockStore,
  OAuthState,
  TokenCipher,
} from "@infrajet/github/adapters";
import { systemClock } from "@infrajet/github/adapters";
import { MemoryConnectionStore, MemoryLockStore, MemoryPubSub, MemoryStateStore } from "@infrajet/github/memory";
import { announceSecret, createGitHubBox, type GitHubBox, type GitHubBoxServer } from "@infrajet/github-testing";
import { expect } from "vitest";
import { tell } from "../../../../.ci/secrets/recording.js";
import { type BrowserBinding, newBrowserBinding } from "../../src/connections/browser-binding.js";
import { ConnectionEngine } from "../../src/connections/connection-engine.js";
import type { ConnectionServices } from "../../src/connections/connection-services.js";
import { keyringCipher } from "../../src/connections/keyring-cipher.js";
import type { OAuthClients } from "../../src/connections/oauth-client.js";
import type { UserProfile } from "../../src/connections/user-profile.js";
import { type GitHubSdkError, isGitHubSdkError } from "../../src/errors.js";
import { EventBus } from "../../src/events.js";
import { createGitHubClients } from "../../src/github/github-clients.js";
import type { Logger } from "../../src/logger.js";
import { Secret } from "../../src/secret.js";

type BoxClient = ReturnType<GitHubBox["addOAuthApp"]>;
type BoxApp = ReturnType<GitHubBox["addApp"]>;

export const CALLBACK = "https://host.example/api/v1/github/auth/callback";
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** The system time with an offset. Short pauses are skipped; timeouts are not. */
export class TestClock implements Clock {
  /** Events that end a sleep of a given duration, so that a test does not wait for a timeout. */
  readonly endsWith = new Map<number, Promise<void>>();
  #ahead = 0;

  readonly now = (): number => systemClock.now() + this.#ahead;

  putForward(milliseconds: number): void {
    this.#ahead += milliseconds;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    const end = this.endsWith.get(milliseconds);
    return end ?? systemClock.sleep(milliseconds < 1_000 ? 1 : milliseconds, signal);
  }

  idle(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return systemClock.idle(milliseconds, signal);
  }
}

/** GitHub in a box with an OAuth App and a GitHub App, and a host with its stores. Records all secrets and all output. */
export class ConnectedFixture {
  readonly #secrets = new Set<string>();
  readonly #output: string[] = [];
  readonly clock = new TestClock();
  readonly connections = new MemoryConnectionStore();
  readonly states = new RecordingStates(this.clock, this);
  readonly locks = new MemoryLockStore(this.clock);
  readonly #key = `k1:${this.#newKey()}`;
  readonly cipher = new RecordingCipher(keyringCipher(this.#key), this);
  readonly pubSub = new MemoryPubSub();
  readonly events: [string, unknown][] = [];
  readonly #open: (() => Promise<void>)[] = [];

  private constructor(
    readonly box: GitHubBox,
    readonly server: GitHubBoxServer,
    readonly oauthApp: BoxClient,
    readonly gitHubApp: BoxApp,
  ) {}

  static async create(): Promise<ConnectedFixture> {
    let clock: TestClock | null = null;
    const box = await createGitHubBox({ clock: () => clock?.now() ?? systemClock.now() });
    const server = await box.listen();
    const oauthApp = box.addOAuthApp({ callbackUrls: [CALLBACK] });
    const gitHubApp = box.addApp({ callbackUrls: [CALLBACK], requestsUserAuthorization: true });
    const fixture = new ConnectedFixture(box, server, oauthApp, gitHubApp);
    clock = fixture.clock;
    for (const app of [oauthApp, gitHubApp]) fixture.#secret(app.clientSecret);
    for (const app of [oauthApp, gitHubApp]) {
      fixture.#secret(Buffer.from(`${app.clientId}:${app.clientSecret}`).toString("base64"));
    }
    return fixture;
  }

  /** The clients that the host configures. */
  get oauthClients(): OAuthClients {
    const client = ({ clientId, clientSecret }: BoxClient) => ({ clientId, clientSecret: new Secret(clientSecret) });
    return { oauth: client(this.oauthApp), app: client(this.gitHubApp) };
  }

  /** Creates the engine of another process of the host, over the same stores. */
  engine(over: Partial<ConnectionServices> = {}): ConnectionEngine {
    const logger = this.#logger();
    const { apiUrl, serverUrl } = this.server;
    const bus = new EventBus(this.pubSub, logger);
    const isFirst = this.#open.length === 0;
    for (const name of [
      "connection.created",
      "connection.removed",
      "connection.reauth_required",
      "connection.scopes_reduced",
    ] as const) {
      if (isFirst) bus.on(name, (payload) => void this.events.push([name, payload]));
    }
    const clients = createGitHubClients({
      ...{ apiUrl, clock: this.clock, logger, userAgent: "test", retryBaseMs: 1, maxRateLimitWaitMs: 0 },
    });
    const engine = new ConnectionEngine({
      ...{ apiUrl, serverUrl, clients, bus, logger, redirectUri: CALLBACK, scopes: ["repo", "workflow"] },
      ...{ connections: this.connections, states: this.states, locks: this.locks, cipher: this.cipher },
      ...{
        oauthClients: this.oauthClients,
        clock: this.clock,
        requestTimeout: 10_000,
        requestInstallation: null,
        bindInstallation: null,
      },
      ...over,
    });
    this.#open.push(async () => {
      await engine.close();
      await clients.close();
      await bus.close();
    });
    return engine;
  }

  /** Approves an authorization on GitHub's page as a user, and returns the callback's code and state. */
  async approve(url: string, login: string): Promise<{ code: string; state: string }> {
    const { code, state = "" } = await this.box.authorize(url, { login });
    this.#secret(code);
    return { code, state };
  }

  /** Connects a host user with the GitHub account of a login. */
  async connect(
    engine: ConnectionEngine,
    userId: string,
    login: string,
    client: "oauth" | "app" = "oauth",
  ): Promise<UserProfile> {
    const { url } = await engine.authorize({ userId, client });
    return engine.complete({ userId, ...(await this.approve(url, login)) });
  }

  browser(): BrowserBinding {
    const binding = newBrowserBinding();
    this.#secret(binding.cookie);
    return binding;
  }

  /** Returns the error that a promise rejects with, and records its text. */
  async failure(promise: Promise<unknown>): Promise<GitHubSdkError> {
    const error = await promise.then(
      () => {
        throw new Error("The promise did not reject.");
      },
      (error: unknown) => error,
    );
    this.#record(error);
    if (!isGitHubSdkError(error)) throw error;
    return error;
  }

  async code(promise: Promise<unknown>): Promise<string> {
    return (await this.failure(promise)).code;
  }

  /** Returns a user's current access token. */
  async tokenOf(engine: ConnectionEngine, userId: string, client?: "oauth" | "app"): Promise<string> {
    return (await engine.credential(userId, client)).token();
  }

  /** Returns the number of requests of a route. */
  count(route: string): number {
    return this.box.count(route);
  }

  get exchanges(): number {
    return this.count("POST /login/oauth/access_token");
  }

  /** Creates a cipher without the host's keys. */
  foreignCipher(): TokenCipher {
    return new RecordingCipher(keyringCipher(`k9:${this.#newKey()}`), this);
  }

  /** Creates the host's cipher after a new key was added, and after the former key was removed. */
  rotatedCiphers(): { readonly both: TokenCipher; readonly onlyNew: TokenCipher } {
    const key = `k2:${this.#newKey()}`;
    const cipher = (keys: string) => new RecordingCipher(keyringCipher(keys), this);
    return { both: cipher(`${key},${this.#key}`), onlyNew: cipher(key) };
  }

  /** Creates a secret and records it. */
  engineSecret(value: string): Secret {
    return new Secret(this.#secret(value));
  }

  remember(secret: string): string {
    return this.#secret(secret);
  }

  /** Closes everything, and checks that no secret was logged, thrown, sent as an event or put into a URL. */
  async close(): Promise<void> {
    for (const close of this.#open) await close();
    await this.box.close();
    this.#record(this.events);
    for (const { url } of this.box.requests) if (!/[?&]code=/.test(url)) this.#record(url);
    const output = this.#output.join("\n");
    for (const secret of this.#secrets) expect(output).not.toContain(secret);
  }

  #logger(): Logger {
    // Not the redacting logger, so that the raw output is searched for secrets.
    const log = (message: string, fields?: Readonly<Record<string, unknown>>): void => this.#record([message, fields]);
    return { debug: log, info: log, warn: log, error: log };
  }

  #record(value: unknown): void {
    tell(value);
    this.#output.push(inspect(value, { depth: 20, maxStringLength: null, maxArrayLength: null, showHidden: true }));
    this.#output.push(JSON.stringify(value) ?? "");
  }

  #newKey(): string {
    return this.#secret(randomBytes(32).toString("base64"));
  }

  #secret(value: string): string {
    if (value.length >= 8) this.#secrets.add(value);
    return announceSecret(value);
  }
}

class RecordingCipher implements TokenCipher {
  readonly #cipher: TokenCipher;
  readonly #fixture: ConnectedFixture;

  constructor(cipher: TokenCipher, fixture: ConnectedFixture) {
    this.#cipher = cipher;
    this.#fixture = fixture;
  }

  encrypt(plaintext: string, context: CipherContext): Promise<EncryptedText> {
    return this.#cipher.encrypt(this.#fixture.remember(plaintext), context);
  }

  decrypt(encrypted: EncryptedText, context: CipherContext): Promise<string> {
    return this.#cipher.decrypt(encrypted, context);
  }

  needsReencryption(encrypted: EncryptedText): boolean {
    return this.#cipher.needsReencryption(encrypted);
  }
}

class RecordingStates extends MemoryStateStore {
  readonly #fixture: ConnectedFixture;

  constructor(clock: Clock, fixture: ConnectedFixture) {
    super(clock);
    this.#fixture = fixture;
  }

  override put(state: OAuthState): Promise<void> {
    if (state.codeVerifier !== null) this.#fixture.remember(state.codeVerifier);
    return super.put(state);
  }
}

/** Returns a store with some of its methods replaced. */
export function withMethods<Store extends ConnectionStore | LockStore>(store: Store, methods: Partial<Store>): Store {
  return new Proxy(store, {
    get(target, name) {
      const own = Reflect.get(methods, name);
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
