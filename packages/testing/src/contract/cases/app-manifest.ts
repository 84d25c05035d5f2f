import assert from "node:assert/strict";
import { contractCase } from "../contract-case.js";
import type { Reply } from "../reply.js";
import type { Scene } from "../scene.js";

const PAGE = "/app/manifest";

/** `GET /app/manifest` and `GET /app/manifest/callback`: an operator creates the host's GitHub App. */
export const appManifestCases = [
  contractCase("GET /app/manifest creates a GitHub App, whose credentials the host gets once", async (scene) => {
    const { box, createdApps } = scene.host;
    const before = createdApps.length;
    const { cookie, query } = await create(scene);
    const saved = await comeBack(scene, query, cookie);
    assert.equal(saved.status, 200, saved.text);
    const app = createdApps.at(-1);
    assert.equal(createdApps.length, before + 1);
    assert.ok(app !== undefined && saved.text.includes(app.slug));
    assert.match(app.privateKey, /^-----BEGIN RSA PRIVATE KEY-----/);
    for (const secret of [app.privateKey, app.clientSecret, app.webhookSecret ?? ""]) {
      assert.ok(secret !== "" && !saved.text.includes(secret), "the page shows no secret");
    }
    const installed = await box.installFrom(`${app.htmlUrl}/installations/new`, { login: scene.name("octo") });
    assert.ok((installed.installationId ?? 0) > 0);
  }),

  contractCase("GET /app/manifest sends GitHub all permissions, events and addresses", async (scene) => {
    const { manifest, action } = form(await open(scene, "&organization=acme-corp"));
    assert.match(action.pathname, /\/organizations\/acme-corp\/settings\/apps\/new$/);
    const { origin, pathname } = new URL(scene.host.baseUrl);
    assert.notEqual(origin, "https://host.example");
    const endpoints = `https://host.example${pathname}`;
    const { name, ...rest } = manifest;
    assert.match(String(name), /^Sync /);
    assert.deepEqual(rest, {
      url: "https://host.example/about",
      hook_attributes: { url: `${endpoints}/webhook`, active: true },
      redirect_url: `${endpoints}/app/manifest/callback`,
      callback_urls: [`${endpoints}/auth/callback`],
      public: true,
      default_events: ["push", "repository", "organization"],
      default_permissions: {
        contents: "write",
        metadata: "read",
        pull_requests: "write",
        workflows: "write",
        administration: "write",
        members: "read",
      },
      request_oauth_on_install: true,
    });
  }),

  contractCase("GET /app/manifest responds with a page that runs no script and is not stored", async (scene) => {
    const page = await open(scene);
    assert.match(page.headers.get("content-type") ?? "", /^text\/html; charset=utf-8$/);
    assert.match(page.headers.get("content-security-policy") ?? "", /default-src 'none'.*frame-ancestors 'none'/);
    assert.equal(page.headers.get("cache-control"), "no-store");
    assert.match(page.headers.get("set-cookie") ?? "", /HttpOnly.*SameSite=Lax/);
    assert.doesNotMatch(page.text, /<script/i);
  }),

  contractCase("GET /app/manifest is for operators", async (scene) => {
    const user = await scene.user();
    (await scene.anonymous.get(PAGE)).fails(403, "insufficient_permissions");
    (await user.get(PAGE)).fails(403, "insufficient_permissions");
    (await scene.anonymous.get(`${PAGE}?operator_token=guessed`)).fails(403, "insufficient_permissions");
    const headers = { authorization: `Bearer ${scene.host.operatorToken}` };
    assert.equal((await scene.anonymous.get(PAGE, { headers })).status, 200);
  }),

  contractCase("GET /app/manifest rejects an organization that is not a login", async (scene) => {
    for (const organization of ["a/b", '"><script>', "x".repeat(101), ".."]) {
      const query = `operator_token=${scene.host.operatorToken}&organization=${encodeURIComponent(organization)}`;
      (await scene.anonymous.get(`${PAGE}?${query}`)).refuses("organization");
    }
  }),

  contractCase("GET /app/manifest/callback accepts a state once, in the browser that got it", async (scene) => {
    const { createdApps } = scene.host;
    const [first, other] = [await create(scene), await create(scene)];
    const before = createdApps.length;
    (await comeBack(scene, first.query)).fails(400, "invalid_state");
    (await comeBack(scene, first.query, other.cookie)).fails(400, "invalid_state");
    assert.equal((await comeBack(scene, first.query, first.cookie)).status, 200);
    (await comeBack(scene, first.query, first.cookie)).fails(400, "invalid_state");
    assert.equal(createdApps.length, before + 1);
  }),

  contractCase("GET /app/manifest/callback rejects a state after ten minutes and an unknown code", async (scene) => {
    const late = await create(scene);
    await scene.host.advance(10 * 60_000 + 1_000);
    (await comeBack(scene, late.query, late.cookie)).fails(400, "invalid_state");
    const { cookie, query } = await create(scene);
    query.set("code", "made-up");
    (await comeBack(scene, query, cookie)).fails(400, "oauth_failed");
    (await scene.anonymous.get(`${PAGE}/callback`)).refuses("code");
  }),

  contractCase(
    "GET /app/manifest returns 501 on a host that stores no App",
    async (scene) => {
      const query = `operator_token=${scene.host.operatorToken}`;
      (await scene.anonymous.get(`${PAGE}?${query}`)).fails(501, "capability_not_configured");
      const { detail } = (await scene.anonymous.get(`${PAGE}/callback?code=x&state=y`)).fails(
        501,
        "capability_not_configured",
      );
      assert.match(detail, /saveApp/);
    },
    "no-browser",
  ),
];

function open(scene: Scene, query = ""): Promise<Reply> {
  return scene.anonymous.get(`${PAGE}?operator_token=${scene.host.operatorToken}${query}`);
}

/** Returns the manifest and the address of the page's form. */
function form({ text }: Reply): { manifest: Record<string, unknown>; json: string; action: URL } {
  const json = unescapeHtml(/name="manifest" value="([^"]*)"/.exec(text)?.[1] ?? "");
  const action = new URL(unescapeHtml(/<form method="post" action="([^"]*)"/.exec(text)?.[1] ?? ""));
  return { manifest: JSON.parse(json), json, action };
}

/** Creates an App at GitHub, with a name of its own. */
async function create(scene: Scene): Promise<{ readonly cookie: string; readonly query: URLSearchParams }> {
  const page = await open(scene);
  const { manifest, action } = form(page);
  const named = JSON.stringify({ ...manifest, name: scene.name("App") });
  const { redirectUrl } = await scene.box.createAppFrom(action.href, named, { login: scene.name("octo") });
  return { cookie: page.cookie, query: new URL(redirectUrl).searchParams };
}

function comeBack(scene: Scene, query: URLSearchParams, cookie = ""): Promise<Reply> {
  return scene.anonymous.get(`${PAGE}/callback?${query}`, { headers: { cookie } });
}

function unescapeHtml(text: string): string {
  return text.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
}
