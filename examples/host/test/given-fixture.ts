import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  createGitHubBox,
  type GitHubApp,
  type GitHubBox,
  type GitHubBoxServer,
  type OAuthClient,
} from "@infrajet/github-testing";
import { sampleToken } from "../src/sample-token.js";
import { Client } from "./client.js";
import { type Framework, HostProcess } from "./host-process.js";

const SECRET = randomBytes(32).toString("hex");
const AFTER = "https://app.example/settings?tab=github";

/** GitHub in a box, credentials and a folder for hosts with credentials. */
export class GivenFixture {
  /** The hosts' environment variables with credentials. */
  readonly environment: Readonly<Record<string, string>>;
  readonly #hosts: HostProcess[] = [];

  private constructor(
    readonly folder: string,
    readonly box: GitHubBox,
    readonly github: GitHubBoxServer,
    private readonly oauth: OAuthClient,
  ) {
    this.environment = {
      GITHUB_API_URL: github.apiUrl,
      GITHUB_SERVER_URL: github.serverUrl,
      GITHUB_CLIENT_ID: oauth.clientId,
      GITHUB_CLIENT_SECRET: oauth.clientSecret,
      GITHUB_TOKEN_ENCRYPTION_KEYS: `k1:${randomBytes(32).toString("base64")}`,
      SUPABASE_JWT_SECRET: SECRET,
      SUPABASE_JWKS_URL: "",
      GITHUB_APP_ID: "",
      AFTER_CONNECT_URL: AFTER,
    };
  }

  static async open(): Promise<GivenFixture> {
    const folder = await mkdtemp(join(tmpdir(), "infrajet-host-"));
    const box = await createGitHubBox();
    const github = await box.listen();
    return new GivenFixture(folder, box, github, box.addOAuthApp({ callbackUrls: [] }));
  }

  /** Returns the variables of a host with a GitHub App beside the OAuth App. */
  environmentOf(app: GitHubApp): Readonly<Record<string, string>> {
    return {
      ...this.environment,
      GITHUB_OAUTH_CLIENT_ID: this.oauth.clientId,
      GITHUB_OAUTH_CLIENT_SECRET: this.oauth.clientSecret,
      GITHUB_CLIENT_ID: "",
      GITHUB_CLIENT_SECRET: "",
      GITHUB_APP_ID: String(app.id),
      GITHUB_APP_NAME: app.slug,
      GITHUB_PRIVATE_KEY: app.privateKey,
      GITHUB_WEBHOOK_SECRET: app.webhook.secret ?? "",
    };
  }

  /** Starts a host with environment variables and the `.env` of its working folder. */
  start(framework: Framework, env: Readonly<Record<string, string>>, cwd: string = this.folder): HostProcess {
    const host = HostProcess.start({ framework, env, cwd });
    this.#hosts.push(host);
    return host;
  }

  /** Returns a client for a user as soon as the host listens. */
  async clientOf(host: HostProcess, userId: string): Promise<Client> {
    return new Client(await host.address(), await sampleToken(userId, SECRET, "authenticated"));
  }

  /** Connects a GitHub account through the browser, and returns the URL of the last redirect. */
  connect(client: Client, login: string): Promise<URL> {
    this.box.control.signIn(login);
    this.oauth.callbackUrls = [`${client.api}/auth/callback`];
    return client.visit("/auth/login", "authorization_url", AFTER);
  }

  /** Writes a file below the fixture's folder. */
  async put(path: string, content: string): Promise<void> {
    const file = join(this.folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }

  async close(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.kill()));
    await this.box.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
