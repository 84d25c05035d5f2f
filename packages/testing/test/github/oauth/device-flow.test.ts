import { beforeEach, describe, expect, it } from "vitest";
import { createGitHubBox, type GitHubBox, type OAuthClient } from "../../../src/index.js";
import { apiClient } from "../api-client.js";
import { PageBrowser } from "../web/page-browser.js";

const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";

let now: number;
let box: GitHubBox;
let app: OAuthClient;

beforeEach(async () => {
  now = Date.parse("2026-02-03T04:05:06Z");
  box = await createGitHubBox({ clock: () => now });
  app = box.addOAuthApp({
    clientId: "client",
    clientSecret: "secret",
    callbackUrls: [],
    name: "Sync",
    deviceFlow: true,
  });
  return () => box.close();
});

async function post(
  path: string,
  parameters: Record<string, string>,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const body = new URLSearchParams({ client_id: "client", ...parameters });
  const headers = { accept: "application/json" };
  const response = await box.fetch(new Request(`https://github.com${path}`, { method: "POST", headers, body }));
  const fields: unknown = await response.json();
  return { status: response.status, body: { ...Object(fields) } };
}

async function device(scope = "repo"): Promise<{ deviceCode: string; userCode: string }> {
  const { body } = await post("/login/device/code", { scope });
  return { deviceCode: String(body.device_code), userCode: String(body.user_code) };
}

/** Requests the token of a device, after some seconds. */
async function poll(deviceCode: string, after = 5): Promise<Record<string, unknown>> {
  now += after * 1_000;
  const { status, body } = await post("/login/oauth/access_token", {
    grant_type: DEVICE_GRANT,
    device_code: deviceCode,
  });
  expect(status).toBe(200);
  return body;
}

describe("POST /login/device/code", () => {
  it("issues the codes of a device", async () => {
    expect(await post("/login/device/code", { scope: "repo" })).toEqual({
      status: 200,
      body: {
        device_code: expect.stringMatching(/^[0-9a-f]{40}$/),
        user_code: expect.stringMatching(/^[B-Z]{4}-[B-Z]{4}$/),
        verification_uri: "https://github.com/login/device",
        expires_in: 900,
        interval: 5,
      },
    });
  });

  it("responds with 404 to an unknown client, and with device_flow_disabled unless the app has enabled it", async () => {
    expect(await post("/login/device/code", { client_id: "unknown" })).toEqual({
      status: 404,
      body: { error: "Not Found" },
    });
    app.deviceFlow = false;
    expect((await post("/login/device/code", {})).body).toMatchObject({ error: "device_flow_disabled" });
    expect(box.addApp({ name: "An App" }).deviceFlow).toBe(false);
  });
});

describe("POST /login/oauth/access_token of a device", () => {
  it("returns the token once, after the user has entered the code, without the client's secret", async () => {
    const { deviceCode, userCode } = await device("repo read:user");
    expect(await poll(deviceCode)).toMatchObject({ error: "authorization_pending" });
    await box.enterDeviceCode(userCode.toLowerCase().replace("-", ""), { login: "ada" });
    const { access_token, ...rest } = await poll(deviceCode);
    expect(rest).toEqual({ scope: "read:user,repo", token_type: "bearer" });
    expect((await apiClient(box, String(access_token))("GET", "/user")).body.login).toBe("ada");
    expect(await poll(deviceCode)).toMatchObject({ error: "incorrect_device_code" });
  });

  it("returns access_denied when the user refuses, and expired_token after 15 minutes", async () => {
    const refused = await device();
    await box.enterDeviceCode(refused.userCode, { login: "ada", deny: true });
    expect(await poll(refused.deviceCode)).toMatchObject({ error: "access_denied" });
    const expired = await device();
    expect(await poll(expired.deviceCode, 900)).toMatchObject({ error: "expired_token" });
    await expect(box.enterDeviceCode(expired.userCode, { login: "ada" })).rejects.toThrow(/422.*wrong or has expired/);
  });

  it("returns slow_down to a device that does not wait, and adds 5 seconds to its interval", async () => {
    const { deviceCode } = await device();
    await poll(deviceCode);
    expect(await poll(deviceCode, 4)).toMatchObject({ error: "slow_down", interval: 10 });
    expect(await poll(deviceCode, 9)).toMatchObject({ error: "slow_down", interval: 15 });
    expect(await poll(deviceCode, 15)).toMatchObject({ error: "authorization_pending" });
  });

  it("returns incorrect_device_code for the code of another client", async () => {
    box.addOAuthApp({ clientId: "other", clientSecret: "secret", callbackUrls: [], deviceFlow: true });
    const { deviceCode } = await device();
    const parameters = { client_id: "other", grant_type: DEVICE_GRANT, device_code: deviceCode };
    expect((await post("/login/oauth/access_token", parameters)).body).toMatchObject({
      error: "incorrect_device_code",
    });
  });

  it("refreshes the App's token of a device without the client's secret, and no other token", async () => {
    const gitHubApp = box.addApp({ name: "An App", callbackUrls: ["https://host.test/callback"], deviceFlow: true });
    const client = { client_id: gitHubApp.clientId };
    const { body: codes } = await post("/login/device/code", client);
    await box.enterDeviceCode(String(codes.user_code), { login: "ada" });
    const issue = { ...client, grant_type: DEVICE_GRANT, device_code: String(codes.device_code) };
    const { body: issued } = await post("/login/oauth/access_token", issue);
    const refresh = (token: unknown) =>
      post("/login/oauth/access_token", { ...client, grant_type: "refresh_token", refresh_token: String(token) });
    const { body: renewed } = await refresh(issued.refresh_token);
    expect(renewed.access_token).toMatch(/^ghu_/);
    expect((await refresh(issued.refresh_token)).body).toMatchObject({ error: "bad_refresh_token" });
    const url = `https://github.com/login/oauth/authorize?client_id=${gitHubApp.clientId}`;
    const { code } = await box.authorize(url, { login: "ada" });
    const web = await post("/login/oauth/access_token", { ...client, client_secret: gitHubApp.clientSecret, code });
    expect((await refresh(web.body.refresh_token)).body).toMatchObject({ error: "incorrect_client_credentials" });
  });
});

describe("the page /login/device", () => {
  it("requires a signed-in user, shows what the device asks for, and authorizes it", async () => {
    const browser = new PageBrowser(box);
    expect((await browser.open("/login/device")).url.pathname).toBe("/login");
    await browser.signIn("ada");
    const { deviceCode, userCode } = await device();
    const consent = await browser.submit(await browser.open("/login/device"), "Continue", { user_code: userCode });
    for (const text of ["Sync", userCode, "ada", "repo"]) expect(consent.html).toContain(text);
    expect(await poll(deviceCode)).toMatchObject({ error: "authorization_pending" });
    expect((await browser.submit(consent, "Authorize Sync")).html).toContain("You can close this page");
    expect((await poll(deviceCode)).access_token).toMatch(/^gho_/);
    const again = await browser.submit(await browser.open("/login/device"), "Continue", { user_code: userCode });
    expect([again.status, again.html]).toEqual([422, expect.stringContaining("wrong or has expired")]);
  });

  it("refuses the device with Cancel", async () => {
    const browser = new PageBrowser(box);
    await browser.signIn("ada");
    const { deviceCode, userCode } = await device();
    const consent = await browser.submit(await browser.open("/login/device"), "Continue", { user_code: userCode });
    await browser.submit(consent, "Cancel");
    expect(await poll(deviceCode)).toMatchObject({ error: "access_denied" });
  });

  it("rejects a form that does not come from the page", async () => {
    const browser = new PageBrowser(box);
    await browser.signIn("ada");
    const { deviceCode, userCode } = await device();
    const forged = new URLSearchParams({ user_code: userCode, decision: "authorize" });
    expect((await browser.open("/login/device", forged)).status).toBe(422);
    expect(await poll(deviceCode)).toMatchObject({ error: "authorization_pending" });
  });
});
