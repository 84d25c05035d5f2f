import { generateKeyPairSync, randomBytes } from "node:crypto";
import {
  createGitHubSdk,
  type DoctorFinding,
  type GitHubSdk,
  type GitHubSdkOptions,
  silentLogger,
} from "@infrajet/github";
import { type Clock, systemClock } from "@infrajet/github/adapters";
import { MemoryProjectFiles, memoryStores } from "@infrajet/github/memory";
import {
  createGitHubBox,
  type GitHubApp,
  type GitHubBox,
  type Installation,
  type Permissions,
} from "@infrajet/github-testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const MINUTE = 60_000;
const SETTINGS = {
  owner: "ada",
  slug: "infra-sync",
  permissions: { contents: "write", pull_requests: "write", workflows: "write", administration: "write" },
  events: ["push", "repository", "organization"],
  webhookUrl: "https://host.test/webhook",
  webhookSecret: "webhook-secret-of-the-box",
} as const;

let box: GitHubBox;
let apiUrl: string;
let app: GitHubApp;
let installation: Installation;
let sdk: GitHubSdk | undefined;

/** Stores that do not count as stores in memory: the doctor warns about those. */
const stores = () => {
  const { records, ...rest } = memoryStores();
  const named = new Proxy(records, {
    getPrototypeOf: () => Object.prototype,
    get: (target, name) => {
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { ...rest, records: named };
};

beforeEach(async () => {
  box = await createGitHubBox();
  app = box.addApp({ ...SETTINGS, webhookHandler: () => new Response(null, { status: 202 }) });
  installation = box.install(app, { account: "ada" });
  await box.deliveriesSettled();
  ({ apiUrl } = await box.listen());
});
afterEach(async () => {
  await sdk?.close();
  await box.close();
});

/** Returns options without a fault. */
function options(overrides: Partial<GitHubSdkOptions> = {}): GitHubSdkOptions {
  const { id: appId, slug, clientId, clientSecret, privateKey } = app;
  return {
    app: { appId, slug, clientId, clientSecret, privateKey, webhookSecrets: [SETTINGS.webhookSecret] },
    apiUrl,
    redirectUri: "https://host.test/callback",
    encryptionKeys: `k1:${randomBytes(32).toString("base64")}`,
    projectFiles: new MemoryProjectFiles(),
    stores: stores(),
    logger: silentLogger,
    ...overrides,
  };
}

function appOptions(overrides: Partial<NonNullable<GitHubSdkOptions["app"]>>): Partial<GitHubSdkOptions> {
  const { app: settings } = options();
  return settings === undefined ? {} : { app: { ...settings, ...overrides } };
}

async function findings(overrides: Partial<GitHubSdkOptions> = {}): Promise<readonly DoctorFinding[]> {
  sdk = createGitHubSdk(options(overrides));
  return (await sdk.doctor()).findings;
}

/** The faults: its name, how it comes about, and the check that finds it. */
const FAULTS: [
  name: string,
  check: string,
  prepare: () => Partial<GitHubSdkOptions> | Promise<Partial<GitHubSdkOptions>>,
][] = [
  ["a private key of no App", "app_key", () => appOptions({ privateKey: newKey() })],
  [
    "a private key of another App",
    "app_key",
    () => appOptions({ privateKey: box.addApp({ slug: "other" }).privateKey }),
  ],
  ["the slug of another App", "app_slug", () => appOptions({ slug: "other" })],
  ["the client of another App", "app_client", () => appOptions(clientOf(box.addApp({ slug: "other" })))],
  ["a wrong client secret", "oauth_client", () => appOptions({ clientSecret: "wrong" })],
  ["a clock that is two minutes ahead", "clock", () => ({ clock: shifted(2 * MINUTE) })],
  [
    "a permission that the App does not request",
    "app_permissions",
    () => set({ permissions: { contents: "read", metadata: "read" } }),
  ],
  ["an event that the App is not subscribed to", "app_events", () => set({ events: ["push"] })],
  ["an installation with fewer permissions", "installation", fewerPermissions],
  ["a suspended installation", "installation", suspended],
  ["no webhook secret in the host", "webhook_secret", () => appOptions({ webhookSecrets: [] })],
  ["no webhook secret on GitHub", "webhook_secret", withoutSecret],
  ["a webhook secret that differs", "webhook_secret", () => delivered(401)],
  ["a webhook that fails", "webhook_delivery", () => delivered(500)],
  ["a redirect URI without TLS", "redirect_uri", () => ({ redirectUri: "http://host.test/callback" })],
  ["tokens under a lost key", "encryption_keys", lostKey],
  ["an App near its rate limit", "rate_limit", nearLimit],
  [
    "a source that is unavailable",
    "source",
    () => ({ projectFiles: { open: () => Promise.reject(new Error("gone")) } }),
  ],
  ["a sync that hangs", "stuck_syncs", hangingSync],
  ["stores in memory", "stores", () => ({ stores: memoryStores() })],
];

describe("sdk.doctor", () => {
  it("finds nothing when everything works", async () => {
    expect(await findings()).toEqual([]);
    expect(await sdk?.doctor()).toEqual({ status: "ok", findings: [] });
  });

  it.each(FAULTS)("finds %s", async (_name, check, prepare) => {
    const found = await findings(await prepare());
    expect(found.map((finding) => finding.check)).toContain(check);
    for (const { cause, repair } of found) {
      expect(cause).toMatch(/^[A-Z\d].*\.$/);
      expect(repair.length).toBeGreaterThan(5);
      expect(`${cause}${repair}`).not.toContain(SETTINGS.webhookSecret);
    }
  });

  it("reports that GitHub is unreachable, and still checks the rest", async () => {
    const found = await findings({ apiUrl: "http://127.0.0.1:9", retryPauseMs: 0, stores: memoryStores() });
    expect(found.map(({ check }) => check)).toEqual(expect.arrayContaining(["github", "stores"]));
  });

  it("lists errors before warnings", async () => {
    const found = await findings({ ...appOptions({ slug: "other" }), stores: memoryStores() });
    expect(found.map(({ severity }) => severity)).toEqual(["error", "warning"]);
  });
});

function newKey(): string {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

function clientOf({ clientId, clientSecret }: GitHubApp): { clientId: string; clientSecret: string } {
  return { clientId, clientSecret };
}

/** The system's clock with an offset. */
function shifted(ahead: number): Clock {
  return { ...systemClock, now: () => Date.now() + ahead };
}

function set(settings: { permissions?: Permissions; events?: readonly string[] }): Partial<GitHubSdkOptions> {
  Object.assign(app, settings);
  return {};
}

function fewerPermissions(): Partial<GitHubSdkOptions> {
  app.permissions = { contents: "read", metadata: "read" };
  installation.acceptPermissions();
  app.permissions = SETTINGS.permissions;
  return {};
}

function suspended(): Partial<GitHubSdkOptions> {
  installation.suspend();
  return {};
}

function withoutSecret(): Partial<GitHubSdkOptions> {
  app.webhook.secret = undefined;
  return {};
}

/** Makes the receiver of the App's next delivery respond with a status. */
async function delivered(status: number): Promise<Partial<GitHubSdkOptions>> {
  app.webhook.handler = () => new Response(null, { status });
  installation.acceptPermissions();
  await box.deliveriesSettled();
  return {};
}

/** Connects a user with keys that the examined SDK does not have. */
async function lostKey(): Promise<Partial<GitHubSdkOptions>> {
  const shared = stores();
  app.callbackUrls = ["https://host.test/callback"];
  const former = createGitHubSdk(options({ stores: shared }));
  const { url } = await former.connections.authorize({ userId: "7" });
  const { code, state = "" } = await box.authorize(url, { login: "ada" });
  await former.connections.complete({ userId: "7", code, state });
  await former.close();
  return { stores: shared };
}

/** Uses up the requests of the installation. */
async function nearLimit(): Promise<Partial<GitHubSdkOptions>> {
  box.control.primaryRateLimit({ limit: 20 });
  const earlier = createGitHubSdk(options());
  const { token } = await earlier.app.unchecked.credential({ installationId: installation.id });
  const headers = { authorization: `Bearer ${await token()}` };
  for (let request = 0; request < 19; request += 1) await fetch(`${apiUrl}/installation/repositories`, { headers });
  await earlier.close();
  return {};
}

/** Submits a sync that no process runs, two hours before the doctor looks. */
async function hangingSync(): Promise<Partial<GitHubSdkOptions>> {
  const none = async (): Promise<void> => {};
  const jobs = { start: none, submit: none, stop: none };
  const shared = stores();
  const projectFiles = new MemoryProjectFiles();
  projectFiles.setProject({ userId: "7", projectId: "infra" }, { "main.tf": "" });
  await box.createRepository({ owner: "ada", name: "infra", autoInit: true });
  const earlier = createGitHubSdk(
    options({ stores: shared, jobs, projectFiles, auth: box.addToken({ login: "ada" }) }),
  );
  await earlier.sync.submit({ project: { userId: "7", projectId: "infra" }, repository: "ada/infra" });
  await earlier.close();
  return { stores: shared, jobs, clock: shifted(120 * MINUTE) };
}
