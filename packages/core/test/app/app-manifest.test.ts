import {
  appEnvironment,
  appManifest,
  convertManifest,
  createGitHubSdk,
  isLoopback,
  manifestFormUrl,
  optionsFromEnv,
} from "@infrajet/github";
import { createGitHubHttp, type GitHubHttpOptions } from "@infrajet/github/http";
import { MemoryProjectFiles } from "@infrajet/github/memory";
import { createGitHubBox, type GitHubBox, type GitHubBoxServer } from "@infrajet/github-testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ENDPOINTS = "https://api.example.com/api/v1/github";

describe("appManifest", () => {
  it("has the addresses of the endpoints, and all permissions and events", () => {
    expect(appManifest({ name: "Sync", url: "https://example.com", endpoints: `${ENDPOINTS}/` })).toEqual({
      name: "Sync",
      url: "https://example.com",
      hook_attributes: { url: `${ENDPOINTS}/webhook`, active: true },
      redirect_url: `${ENDPOINTS}/app/manifest/callback`,
      callback_urls: [`${ENDPOINTS}/auth/callback`],
      public: false,
      default_events: ["push", "repository", "organization"],
      default_permissions: {
        ...{ contents: "write", metadata: "read", pull_requests: "write", workflows: "write" },
        ...{ administration: "write", members: "read" },
      },
      request_oauth_on_install: true,
    });
  });

  it("asks for either a set-up page or an authorization during the installation", () => {
    const setupUrl = "https://app.example.com/welcome";
    expect(appManifest({ url: "https://example.com", endpoints: ENDPOINTS, setupUrl })).toMatchObject({
      setup_url: setupUrl,
      request_oauth_on_install: false,
    });
  });

  it("subscribes to no events without a webhook", () => {
    const manifest = appManifest({ url: "https://example.com", endpoints: ENDPOINTS, webhookUrl: null });
    expect(manifest).toMatchObject({ default_events: [] });
    expect(manifest).not.toHaveProperty("hook_attributes");
  });

  it.each([
    ["url", { url: "example.com" }],
    ["name", { url: "https://example.com", name: "x".repeat(35) }],
    ["callbackUrls", { url: "https://example.com", callbackUrls: Array(11).fill("https://example.com") }],
    ["webhookUrl", { url: "https://example.com", webhookUrl: "ftp://example.com" }],
  ])("rejects an invalid %s by name", (option, options) => {
    expect(() => appManifest(options)).toThrow(
      expect.objectContaining({ code: "validation_failed", message: expect.stringContaining(option) }),
    );
  });
});

it("manifestFormUrl names the owner and the state", () => {
  expect(manifestFormUrl("https://github.com/", { state: "a b" })).toBe(
    "https://github.com/settings/apps/new?state=a+b",
  );
  expect(manifestFormUrl("https://ghes.example", { state: "s", organization: "acme" })).toBe(
    "https://ghes.example/organizations/acme/settings/apps/new?state=s",
  );
});

it.each([
  ["http://localhost:3000/x", true],
  ["http://127.0.0.1", true],
  ["http://127.8.0.1", true],
  ["http://[::1]:80", true],
  ["http://app.localhost", true],
  ["https://127.0.0.1.example.com", false],
  ["https://localhost.example.com", false],
])("isLoopback(%j) is %j", (address, expected) => {
  expect(isLoopback(address)).toBe(expected);
});

describe("convertManifest", () => {
  let box: GitHubBox;
  let server: GitHubBoxServer;
  beforeAll(async () => {
    box = await createGitHubBox();
    server = await box.listen();
  });
  afterAll(() => box.close());

  const codeOf = async (name: string): Promise<string> => {
    const manifest = appManifest({ name, url: "https://example.com", endpoints: ENDPOINTS });
    const url = manifestFormUrl(server.serverUrl, { state: "s" });
    const { code, redirectUrl, state } = await box.createAppFrom(url, JSON.stringify(manifest), { login: "ann" });
    expect([redirectUrl.split("?")[0], state]).toEqual([`${ENDPOINTS}/app/manifest/callback`, "s"]);
    return code;
  };

  it("returns the credentials as the environment variables that optionsFromEnv reads", async () => {
    const app = await convertManifest({ code: await codeOf("Sync one"), apiUrl: server.apiUrl });
    expect(app).toMatchObject({ slug: "sync-one", name: "Sync one", webhookSecret: expect.any(String) });
    const variables = appEnvironment(app);
    expect(Object.values(variables).join("")).not.toContain("\n");
    expect(optionsFromEnv(variables).app).toMatchObject({
      appId: app.appId,
      slug: app.slug,
      clientId: app.clientId,
      clientSecret: app.clientSecret,
      webhookSecrets: [app.webhookSecret],
    });
  });

  it("rejects a used code, and reports an incident of GitHub", async () => {
    const code = await codeOf("Sync two");
    box.control.fault({ path: /conversions/, when: "before", respond: { status: 503 } });
    await expect(convertManifest({ code, apiUrl: server.apiUrl })).rejects.toMatchObject({
      code: "github_unavailable",
    });
    await convertManifest({ code, apiUrl: server.apiUrl });
    await expect(convertManifest({ code, apiUrl: server.apiUrl })).rejects.toMatchObject({ code: "oauth_failed" });
  });

  it("reports an unreachable GitHub and an aborted signal", async () => {
    const apiUrl = "http://127.0.0.1:9";
    await expect(convertManifest({ code: "x", apiUrl })).rejects.toMatchObject({ code: "github_unavailable" });
    const signal = AbortSignal.abort(new Error("stopped"));
    await expect(convertManifest({ code: "x", apiUrl, signal })).rejects.toThrow("stopped");
  });
});

describe("saveApp", () => {
  const sdk = createGitHubSdk({ projectFiles: new MemoryProjectFiles(), auth: "ghp_x" });
  afterAll(() => sdk.close());
  const endpoints = (options: Partial<GitHubHttpOptions>) =>
    createGitHubHttp(sdk, { authenticator: { authenticate: async () => null }, sharedCredential: true, ...options });

  it("requires authorizeOperator", () => {
    expect(() => endpoints({ saveApp: () => {} })).toThrow(/saveApp requires authorizeOperator/);
  });

  it("gets a manifest without a webhook where GitHub cannot reach the host", async () => {
    const { fetch } = endpoints({ saveApp: () => {}, authorizeOperator: () => true });
    const page = await (await fetch(new Request("http://localhost:3000/api/v1/github/app/manifest"))).text();
    expect(page).not.toContain("hook_attributes");
    expect(page).toContain("https://github.com/settings/apps/new?state=");
    expect(page).toContain("http://localhost:3000/api/v1/github/app/manifest/callback");
  });

  it("gets the origin of publicUrl, and the host's texts are escaped", async () => {
    const appManifest = { name: `"><script>alert(1)</script>`.slice(0, 34) };
    const options = {
      saveApp: () => {},
      authorizeOperator: () => true,
      publicUrl: "https://api.example.com",
      appManifest,
    };
    const page = await (
      await endpoints(options).fetch(new Request("http://10.0.0.1/api/v1/github/app/manifest"))
    ).text();
    expect(page).toContain("https://api.example.com/api/v1/github/webhook");
    expect(page).not.toContain("<script");
  });
});
