import { randomBytes } from "node:crypto";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGitHubHttp } from "@infrajet/github/http";
import { createGitHubBox, type GitHubBox } from "@infrajet/github-testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { keptApp, keptAppCreation } from "../src/app-creation.js";
import { ConfigurationError } from "../src/configuration-error.js";
import { readEnvironment } from "../src/environment.js";
import { openHost } from "../src/open-host.js";

let box: GitHubBox;
let folder: string;
beforeAll(async () => {
  box = await createGitHubBox();
  folder = await mkdtemp(join(tmpdir(), "infrajet-app-creation-"));
});
afterAll(async () => {
  await box.close();
  await rm(folder, { recursive: true, force: true });
});

it("a host with an OAuth App only keeps the GitHub App that an operator creates", async () => {
  const { apiUrl, serverUrl } = await box.listen();
  const { clientId, clientSecret } = box.addOAuthApp({ callbackUrls: [] });
  const variables = {
    DATABASE_URL: `file:${join(folder, "host.db")}`,
    DATA_DIR: join(folder, "data"),
    GITHUB_API_URL: apiUrl,
    GITHUB_SERVER_URL: serverUrl,
    GITHUB_CLIENT_ID: clientId,
    GITHUB_CLIENT_SECRET: clientSecret,
    GITHUB_TOKEN_ENCRYPTION_KEYS: `k1:${randomBytes(32).toString("base64")}`,
    SUPABASE_JWT_SECRET: randomBytes(32).toString("base64url"),
  };
  const environment = readEnvironment(variables, folder);
  const { github, http, dataDir } = environment;
  if (github === null || http === null) throw new Error("GitHub credentials are missing.");
  expect(environment.createdApp).toBeNull();
  const creation = keptAppCreation(dataDir);
  const host = await openHost({ ...environment, github, http }, creation);
  const { fetch } = createGitHubHttp(host.sdk, host.http);
  const page = "http://localhost:3000/api/v1/github/app/manifest";

  expect((await fetch(new Request(page))).status).toBe(403);
  const shown = await fetch(new Request(`${page}?operator_token=${creation.operatorToken}`));
  const text = (await shown.text()).replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
  const [, action = "", manifest = ""] = /action="([^"]*)"[\s\S]*name="manifest" value="(\{.*\})"/.exec(text) ?? [];
  const { redirectUrl } = await box.createAppFrom(action, manifest, { login: "ann" });
  const cookie = shown.headers.get("set-cookie")?.split(";", 1)[0] ?? "";
  expect((await fetch(new Request(redirectUrl, { headers: { cookie } }))).status).toBe(200);

  const app = await creation.created;
  expect(app).toMatchObject({ appId: expect.any(Number), privateKey: expect.any(String) });
  expect((await stat(join(dataDir, "github-app.env"))).mode & 0o777).toBe(0o600);
  const { appId, slug, webhookSecrets } = app;
  expect(readEnvironment(variables, folder)).toMatchObject({
    createdApp: { appId, slug, webhookSecrets, clientId: app.clientId },
    github: { oauth: { clientId } },
  });
  await host.sdk.close();
  await host.close();
});

it("keptApp names the file of a damaged App", async () => {
  expect(keptApp(join(folder, "none"))).toBeNull();
  await writeFile(join(folder, "github-app.env"), "GITHUB_APP_ID=12\n");
  expect(() => keptApp(folder)).toThrow(ConfigurationError);
  expect(() => keptApp(folder)).toThrow(/github-app\.env.*GITHUB_PRIVATE_KEY/);
});
