import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BoxRepository, createGitHubBox, type GitHubApp, type GitHubBox } from "../../../src/index.js";
import { apiClient } from "../api-client.js";
import { PageBrowser } from "./page-browser.js";

let box: GitHubBox;
let repository: BoxRepository;
let commit: string;
let app: GitHubApp;

const EVIL = `<script>alert("1")</script>'&`;

beforeAll(async () => {
  box = await createGitHubBox({ clock: () => Date.parse("2026-02-03T04:05:06Z") });
  box.addOrganization({ login: "acme", admins: ["ann"], members: ["ben"] });
  repository = await box.createRepository({ owner: "acme", name: "site", description: EVIL });
  await repository.commit({ files: { "README.md": `# Site\n${EVIL}`, "src/a.txt": "one\ntwo\n", "b.bin": "a\0b" } });
  commit = await repository.commit({
    message: `Change a file\n\nBecause ${EVIL}`,
    files: { "src/a.txt": "one\nthree\n", [`${EVIL.replace("/", "")}.txt`]: "x" },
  });
  await repository.commit({ branch: "feature/x", files: { "new.txt": "new\n" } });
  await box.createRepository({ owner: "acme", name: "secret", private: true, autoInit: true });
  app = box.addApp({
    name: "Sync It",
    owner: "acme",
    permissions: { contents: "write" },
    events: ["push"],
    callbackUrls: ["https://host.test/callback"],
    setupUrl: "https://host.test/setup",
  });
  box.addOAuthApp({
    clientId: "client",
    clientSecret: "secret",
    callbackUrls: ["https://host.test/callback"],
    name: EVIL,
  });
});
afterAll(() => box.close());

describe("repository pages", () => {
  it("shows the files of the default branch, the README and the last commit", async () => {
    const { status, html, headers } = await new PageBrowser(box).open("/acme/site");
    expect(status).toBe(200);
    expect(html).toContain('<a href="/acme/site/tree/main/src">src/</a>');
    expect(html).toContain('<a href="/acme/site/blob/main/README.md">README.md</a>');
    expect(html).toContain("# Site");
    expect(html).toContain(`<a href="/acme/site/commit/${commit}">Change a file</a>`);
    expect(html).toContain("git clone https://github.com/acme/site.git");
    expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'sha256-/);
  });

  it("shows directories and files of a branch with slashes, and sends raw files as text", async () => {
    const browser = new PageBrowser(box);
    expect((await browser.open("/acme/site/tree/feature/x")).html).toContain("new.txt</a>");
    expect((await browser.open("/acme/site/blob/feature/x/src/a.txt")).html).toContain("one\nthree\n");
    expect((await browser.open("/acme/site/blob/main/b.bin")).html).toContain("Binary or large file.");
    const raw = await browser.open("/acme/site/raw/main/README.md");
    expect([raw.headers.get("content-type"), raw.html]).toEqual(["text/plain; charset=utf-8", `# Site\n${EVIL}`]);
    for (const path of ["/acme/site/tree/nothing", "/acme/site/blob/main/nothing", "/acme/nothing", "/no-such-user"]) {
      expect((await browser.open(path)).status).toBe(404);
    }
  });

  it("shows a commit with its diff, lists of commits and comparisons", async () => {
    const browser = new PageBrowser(box);
    const { html } = await browser.open(`/acme/site/commit/${commit}`);
    expect(html).toContain("<h1>Change a file</h1>");
    expect(html).toContain('<span class="line remove">-two</span><span class="line add">+three</span>');
    expect((await browser.open("/acme/site/commits/feature/x")).html).toContain("Change a file");
    const comparison = await browser.open("/acme/site/compare/main...feature/x");
    expect(comparison.html).toContain('<span class="line add">+new</span>');
    expect(comparison.html).toContain("<h2>Commits (1)</h2>");
  });

  it("shows pull requests with their commits and diff", async () => {
    const api = apiClient(box, box.addToken({ login: "ann" }));
    const input = { title: `Add ${EVIL}`, head: "feature/x", base: "main", body: "Please merge" };
    const { body } = await api("POST", "/repos/acme/site/pulls", input);
    const browser = new PageBrowser(box);
    const { html } = await browser.open(new URL(body.html_url).pathname);
    expect(html).toContain("Please merge");
    expect(html).toContain("<code>feature/x</code> into <code>main</code>");
    expect(html).toContain('<span class="line add">+new</span>');
    expect((await browser.open("/acme/site/pulls")).html).toContain(`<a href="/acme/site/pull/${body.number}">`);
  });

  it("escapes names, messages and contents", async () => {
    const browser = new PageBrowser(box);
    await browser.signIn("ann");
    const authorize = "/login/oauth/authorize?client_id=client&scope=repo";
    for (const path of ["/", "/acme", "/acme/site", `/acme/site/commit/${commit}`, "/acme/site/pulls", authorize]) {
      const { status, html } = await browser.open(path);
      expect([path, status]).toEqual([path, 200]);
      expect(html).toContain("&lt;script&gt;");
      expect(html).not.toContain("<script");
    }
  });

  it("hides private repositories from visitors and users without access", async () => {
    const browser = new PageBrowser(box);
    for (const login of [undefined, "stranger", "ann"]) {
      if (login !== undefined) await browser.signIn(login);
      const isVisible = login === "ann";
      expect((await browser.open("/acme/secret")).status).toBe(isVisible ? 200 : 404);
      expect((await browser.open("/acme")).html.includes("acme/secret")).toBe(isVisible);
      expect((await browser.open("/")).html.includes("acme/secret")).toBe(isVisible);
    }
  });

  it("has a page for each html_url member of API responses", async () => {
    const api = apiClient(box, box.addToken({ login: "ann" }));
    const { id } = box.install(app, { account: "ann" });
    const paths = [
      ...["/user", "/repos/acme/site", "/repos/acme/site/pulls", `/repos/acme/site/commits/${commit}`, "/apps/sync-it"],
      ...[
        "/repos/acme/site/contents/",
        "/repos/acme/site/contents/src/a.txt",
        "/repos/acme/site/compare/main...feature/x",
      ],
    ];
    const bodies = await Promise.all(paths.map(async (path) => (await api("GET", path)).body));
    const found = JSON.stringify(bodies).matchAll(/"(?:html_url|blob_url|raw_url|permalink_url)":"([^"]+)"/g);
    const urls = new Set([...found].map(([, url = ""]) => url));
    urls.add(`https://github.com/settings/installations/${id}`);
    expect(urls.size).toBeGreaterThan(12);
    const browser = new PageBrowser(box);
    await browser.signIn("ann");
    for (const url of urls) expect([url, (await browser.open(url)).status]).toEqual([url, 200]);
    box.installation(id)?.remove();
  });
});

describe("sign-in and consent pages", () => {
  const url = `/login/oauth/authorize?${new URLSearchParams({ client_id: "client", state: "xyz", scope: "repo gist" })}`;

  it("leads through sign-in and consent to the callback URL with a code", async () => {
    const browser = new PageBrowser(box);
    const login = await browser.open(url);
    expect(login.html).toContain("<h1>Sign in</h1>");
    const consent = await browser.submit(login, "ben");
    expect(consent.html).toContain("<li><code>gist</code></li><li><code>repo</code></li>");
    const callback = await browser.submit(
      consent,
      "Authorize &lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;",
    );
    expect(callback.url.origin + callback.url.pathname).toBe("https://host.test/callback");
    expect(callback.url.searchParams.get("state")).toBe("xyz");
    const exchange = await box.fetch(
      new Request("https://github.com/login/oauth/access_token", {
        method: "POST",
        headers: { accept: "application/json" },
        body: new URLSearchParams({
          ...{ client_id: "client", client_secret: "secret" },
          code: callback.url.searchParams.get("code") ?? "",
        }),
      }),
    );
    expect(await exchange.json()).toMatchObject({ scope: "gist,repo" });
  });

  it("redirects with access_denied after Cancel", async () => {
    const browser = new PageBrowser(box);
    await browser.signIn("ben");
    const { url: callback } = await browser.submit(await browser.open(url), "Cancel");
    expect(callback.searchParams.get("error")).toBe("access_denied");
  });

  it("creates users, and signs them out", async () => {
    const browser = new PageBrowser(box);
    const home = await browser.submit(await browser.open("/login"), "Create and sign in", { login: "newcomer" });
    expect(home.html).toContain('<a href="/newcomer">newcomer</a>');
    expect((await browser.submit(home, "Sign out")).html).toContain(">Sign in</button>");
    expect((await browser.open("/login", new URLSearchParams({ login: "a b" }))).status).toBe(422);
    expect((await browser.open("/login", new URLSearchParams({ login: "acme" }))).status).toBe(422);
  });

  it("does not redirect to other sites, and rejects forms without the token of the session", async () => {
    const browser = new PageBrowser(box);
    for (const target of ["https://evil.test/", "//evil.test/", "/\\evil.test"]) {
      const { url: home } = await browser.open("/login", new URLSearchParams({ login: "ben", return_to: target }));
      expect(home.href).toBe("https://github.com/");
    }
    const forged = new URLSearchParams({ request: url.split("?")[1] ?? "", decision: "authorize" });
    expect((await browser.open("/login/oauth/authorize", forged)).status).toBe(422);
  });
});

describe("App and installation pages", () => {
  it("installs an App on selected repositories and redirects to the setup URL", async () => {
    const browser = new PageBrowser(box);
    await browser.signIn("ann");
    const choice = await browser.submit(await browser.open("/apps/sync-it"), "Install");
    expect(choice.html).toContain("Choose an account:");
    const [, link = ""] = /href="([^"]*suggested_target_id=\d+)">acme</.exec(choice.html) ?? [];
    const form = await browser.open(link.replaceAll("&amp;", "&"));
    expect(form.html).toContain("<li><code>contents</code>: write</li>");
    const { url } = await browser.submit(form, "Install", { selection: "selected", repository: ["site", "nothing"] });
    expect(url.href).toMatch(/^https:\/\/host\.test\/setup\?installation_id=\d+&setup_action=install$/);
    const installation = box.installation(Number(url.searchParams.get("installation_id")));
    expect(installation?.repositories.map(({ fullName }) => fullName)).toEqual(["acme/site"]);
  });

  it("changes, suspends and uninstalls an installation", async () => {
    const browser = new PageBrowser(box);
    await browser.signIn("ann");
    const installation = box.install(app, { account: "ann" });
    const path = `/settings/installations/${installation.id}`;
    expect((await browser.submit(await browser.open(path), "Suspend")).html).toContain("suspended");
    expect(installation.suspended?.by.login).toBe("ann");
    await browser.submit(await browser.open(path), "Unsuspend");
    expect(installation.suspended).toBeUndefined();
    const done = await browser.submit(await browser.open(path), "Uninstall");
    expect(done.html).toContain("<h1>Sync It was uninstalled</h1>");
    expect(box.installation(installation.id)).toBeUndefined();
  });

  it("lets a member only request an installation, and hides accounts and installations of others", async () => {
    const browser = new PageBrowser(box);
    const own = box.addApp({ slug: "requested", setupUrl: "https://host.test/setup" });
    const { id } = box.install(own, { account: "ann" });
    await browser.signIn("ben");
    const acme = (await apiClient(box)("GET", "/users/acme")).body.id;
    const page = await browser.open(`/apps/requested/installations/new?suggested_target_id=${acme}`);
    expect((await browser.submit(page, "Request", { selection: "all" })).url.search).toBe("?setup_action=request");
    expect((await browser.open(`/settings/installations/${id}`)).status).toBe(404);
    const ann = (await apiClient(box)("GET", "/users/ann")).body.id;
    expect((await browser.open(`/apps/requested/installations/new?suggested_target_id=${ann}`)).status).toBe(404);
  });
});

describe("App manifest pages", () => {
  const manifest = {
    name: EVIL.slice(0, 30),
    url: "https://host.test",
    hook_attributes: { url: "https://host.test/webhook" },
    redirect_url: "https://host.test/created?from=box",
    callback_urls: ["https://host.test/callback"],
    setup_url: "https://host.test/setup",
    default_permissions: { contents: "write" },
    default_events: ["push"],
  };
  const form = (value: unknown) => new URLSearchParams({ manifest: JSON.stringify(value) });

  it("creates an App after sign-in and sends a code, which returns the secrets once", async () => {
    const browser = new PageBrowser(box);
    const signIn = await browser.open("/organizations/acme/settings/apps/new?state=s", form(manifest));
    const confirm = await browser.submit(signIn, "ann");
    expect(confirm.html).toContain("<li><code>contents</code>: write</li>");
    expect(confirm.html).not.toContain("<script>");
    const { url } = await browser.submit(confirm, "Create GitHub App for acme", { name: "Sync Two" });
    expect(url.href).toMatch(/^https:\/\/host\.test\/created\?from=box&code=[0-9a-f]{40}&state=s$/);
    const convert = () => apiClient(box)("POST", `/app-manifests/${url.searchParams.get("code")}/conversions`);
    const { status, body } = await convert();
    expect([status, body]).toEqual([
      201,
      expect.objectContaining({
        slug: "sync-two",
        name: "Sync Two",
        external_url: "https://host.test",
        permissions: { metadata: "read", contents: "write" },
        events: ["push"],
        client_id: expect.stringMatching(/^Iv23li/),
        client_secret: expect.stringMatching(/^[0-9a-f]{40}$/),
        webhook_secret: expect.stringMatching(/^[0-9a-f]{40}$/),
        pem: expect.stringMatching(/^-----BEGIN RSA PRIVATE KEY-----/),
      }),
    ]);
    expect(body.owner.login).toBe("acme");
    expect((await convert()).status).toBe(404);
    expect((await browser.open(confirm.url.pathname + confirm.url.search)).status).toBe(404);
  });

  it("creates an App without buttons for the user of box.control.signIn", async () => {
    box.control.signIn("ann");
    const browser = new PageBrowser(box);
    const { url } = await browser.open("/settings/apps/new", form({ ...manifest, name: "Sync Three" }));
    box.control.signOut();
    expect(url.href).toMatch(/^https:\/\/host\.test\/created\?from=box&code=[0-9a-f]{40}$/);
    expect((await browser.open("/apps/sync-three")).html).toContain('<a href="/ann">ann</a>');
  });

  it("rejects manifests that are not valid, taken names, other accounts and forms without a token", async () => {
    const browser = new PageBrowser(box);
    await browser.signIn("ben");
    const { status, html } = await browser.open("/settings/apps/new", form({ ...manifest, url: 1 }));
    expect([status, html]).toEqual([422, expect.stringContaining("The manifest is not valid: url:")]);
    expect((await browser.open("/settings/apps/new", new URLSearchParams({ manifest: "{" }))).status).toBe(422);
    expect((await browser.open("/organizations/acme/settings/apps/new", form(manifest))).status).toBe(404);
    const confirm = await browser.open("/settings/apps/new", form(manifest));
    const button = "Create GitHub App for ben";
    expect((await browser.submit(confirm, button, { name: "Sync It" })).html).toContain("Name has already been taken");
    expect((await browser.submit(confirm, button, { name: "x".repeat(35) })).html).toContain("Name is too long");
    const forged = new URLSearchParams({ name: "Forged", authenticity_token: "x" });
    expect((await browser.open(confirm.url.pathname + confirm.url.search, forged)).status).toBe(422);
    expect((await browser.open("/apps/forged")).status).toBe(404);
  });
});

describe("box.listen", () => {
  it("shows pages to browsers and the API to other clients on one origin", async () => {
    const server = await box.listen();
    const accept = (type: string) => ({ headers: { accept: type } });
    const page = await fetch(`${server.url}/acme/site`, accept("text/html"));
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(await page.text()).toContain(`git clone ${server.url}/acme/site.git`);
    expect((await fetch(`${server.url}/users/acme`, accept("*/*"))).headers.get("content-type")).toMatch(/json/);
    expect((await fetch(`${server.url}/api/v3/users/acme`, accept("text/html"))).headers.get("content-type")).toMatch(
      /json/,
    );
    await server.close();
  });
});
