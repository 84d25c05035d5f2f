import examples from "@octokit/webhooks-examples";
import { App as OctokitApp } from "octokit";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createGitHubBox, type GitHubApp, type GitHubBox, type Installation } from "../../../src/index.js";
import { type Api, apiClient } from "../api-client.js";
import { appClient } from "../app-client.js";
import { connect } from "../app-requests.js";
import { GitClient } from "../git-client.js";
import { OpenApi } from "../openapi.js";
import { type Arrival, nameOf, WebhookReceiver } from "./webhook-receiver.js";

const EVENTS = ["push", "repository", "organization"];

let now: number;
let box: GitHubBox;
let receiver: WebhookReceiver;
let app: GitHubApp;
let asApp: Api;
let installation: Installation;
let octocat: Api;

beforeAll(async () => {
  now = Date.parse("2026-02-03T04:05:06Z");
  box = await createGitHubBox({ clock: () => now });
  receiver = await WebhookReceiver.open();
  box.addOrganization({ login: "acme", admins: ["boss"], members: ["member"] });
  await box.createRepository({ owner: "acme", name: "site", autoInit: true });
  app = box.addApp({
    slug: "hooked",
    callbackUrls: ["https://host.test/cb"],
    permissions: { contents: "write", members: "read" },
    events: EVENTS,
    webhookUrl: receiver.url,
    webhookSecret: "It's a secret",
  });
  installation = box.install(app, { account: "acme", by: "boss" });
  asApp = appClient(box, app, () => now);
  octocat = apiClient(box, box.addToken({ login: "boss" }));
  await box.deliveriesSettled();
});
afterAll(async () => {
  await receiver.close();
  await box.close();
});
beforeEach(async () => {
  await box.deliveriesSettled();
  receiver.take();
});

/** Returns the deliveries that `work` causes. */
async function arrivals(work: () => unknown): Promise<Arrival[]> {
  await work();
  await box.deliveriesSettled();
  return receiver.take();
}

const names = async (work: () => unknown): Promise<string[]> => (await arrivals(work)).map(nameOf);

describe("webhook deliveries", () => {
  it("has GitHub's headers and a signature that Octokit verifies", async () => {
    const [arrival] = await arrivals(() => box.repository("acme", "site")?.commit({ files: { "ä.txt": "ü" } }));
    expect(arrival?.headers).toMatchObject({
      accept: "*/*",
      "content-type": "application/json",
      "user-agent": expect.stringMatching(/^GitHub-Hookshot\/[0-9a-f]{7}$/),
      "x-github-event": "push",
      "x-github-delivery": expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      "x-github-hook-id": String(app.webhook.id),
      "x-github-hook-installation-target-id": String(app.id),
      "x-github-hook-installation-target-type": "integration",
      "x-hub-signature": expect.stringMatching(/^sha1=[0-9a-f]{40}$/),
    });
    const text = arrival?.body.toString() ?? "";
    const signature = String(arrival?.headers["x-hub-signature-256"]);
    const octokit = new OctokitApp({ appId: 1, privateKey: "-", webhooks: { secret: "It's a secret" } });
    expect(await octokit.webhooks.verify(text, signature)).toBe(true);
    expect(await octokit.webhooks.verify(`${text} `, signature)).toBe(false);
  });

  it("sends deliveries to webhookHandler, without a signature when the App has no secret", async () => {
    const received: Request[] = [];
    const own = box.addApp({
      webhookHandler: (request) => {
        received.push(request);
        return new Response(null, { status: 202 });
      },
    });
    await box.deliveriesSettled();
    expect(received.map(({ headers }) => headers.get("x-github-event"))).toEqual(["ping"]);
    expect(received[0]?.headers.has("x-hub-signature-256")).toBe(false);
    expect(await received[0]?.json()).toMatchObject({ hook_id: own.webhook.id, hook: { type: "App", app_id: own.id } });
  });
});

describe("webhook events", () => {
  it("reports all changes of an installation", async () => {
    expect(
      await names(async () => {
        await box.createRepository({ owner: "ann", name: "one" });
        await box.createRepository({ owner: "ann", name: "two" });
        const own = box.install(app, { account: "ann", repositories: ["one"] });
        own.addRepositories(["two"]);
        own.removeRepositories(["one"]);
        own.suspend();
        // A suspended installation receives no events.
        await box.repository("ann", "two")?.commit({ files: { x: "x" } });
        own.unsuspend();
        own.acceptPermissions();
        await asApp("DELETE", `/app/installations/${own.id}`);
        own.remove();
      }),
    ).toEqual([
      "installation.created",
      "installation_repositories.added",
      "installation_repositories.removed",
      "installation.suspend",
      "installation.unsuspend",
      "installation.new_permissions_accepted",
      "installation.deleted",
    ]);
  });

  it("reports the creation, rename, transfer and deletion of a repository", async () => {
    const [created, renamed, transferred, deleted] = await arrivals(async () => {
      await octocat("POST", "/orgs/acme/repos", { name: "first" });
      await octocat("PATCH", "/repos/acme/first", { name: "second" });
      (await box.createRepository({ owner: "ann", name: "moving" })).transfer("acme");
      await octocat("DELETE", "/repos/acme/second");
    });
    expect(created?.payload).toMatchObject({
      action: "created",
      repository: { full_name: "acme/first" },
      organization: { login: "acme" },
      sender: { login: "boss" },
      installation: { id: installation.id },
    });
    expect(renamed?.payload).toMatchObject({
      action: "renamed",
      changes: { repository: { name: { from: "first" } } },
      repository: { full_name: "acme/second" },
    });
    expect(transferred?.payload).toMatchObject({
      action: "transferred",
      changes: { owner: { from: { user: { login: "ann" } } } },
      repository: { full_name: "acme/moving" },
    });
    expect(deleted?.payload).toMatchObject({ action: "deleted", repository: { full_name: "acme/second" } });
    expect((await octocat("GET", "/repos/ann/moving")).status).toBe(301);
  });

  it("reports the revocation of an authorization once", async () => {
    const token = await connect(box, app, "ann");
    const deliveries = await arrivals(() => {
      box.revokeGrant(app, "ann");
      box.revokeGrant(app, "ann");
    });
    expect(deliveries.map(nameOf)).toEqual(["github_app_authorization.revoked"]);
    expect(deliveries[0]?.payload.sender.login).toBe("ann");
    expect((await apiClient(box, token)("GET", "/user")).status).toBe(401);
  });

  it("reports added and removed members", async () => {
    const deliveries = await arrivals(() => {
      box.addMember("acme", "newcomer");
      box.removeMember("acme", "newcomer");
      box.removeMember("acme", "newcomer");
      box.addMember("elsewhere", "newcomer");
    });
    expect(deliveries.map(nameOf)).toEqual(["organization.member_added", "organization.member_removed"]);
    expect(deliveries[1]?.payload).toMatchObject({
      membership: { role: "member", user: { login: "newcomer" } },
      organization: { login: "acme" },
      installation: { id: installation.id },
    });
  });

  it("does not include events that the App is not subscribed to", async () => {
    const silent = box.addApp({ webhookUrl: receiver.url });
    await box.createRepository({ owner: "zoe", name: "quiet", autoInit: true });
    box.install(silent, { account: "zoe" });
    await box.deliveriesSettled();
    receiver.take();
    expect(await names(() => box.repository("zoe", "quiet")?.commit({ files: { x: "x" } }))).toEqual([]);
  });
});

describe("push events", () => {
  it("reports commits through the API, by git, by another user and by the App", async () => {
    const at = "/repos/acme/site";
    const put = { message: "By the API", content: "eA==" };
    const [byApi] = await arrivals(() => octocat("PUT", `${at}/contents/docs/a.txt`, put));
    expect(byApi?.payload).toMatchObject({
      ref: "refs/heads/main",
      created: false,
      deleted: false,
      forced: false,
      commits: [{ message: "By the API", added: ["docs/a.txt"], removed: [], modified: [], distinct: true }],
      pusher: { name: "boss" },
      sender: { login: "boss" },
      installation: { id: installation.id },
      organization: { login: "acme" },
      repository: { full_name: "acme/site", owner: { name: "acme", login: "acme" } },
    });
    expect(byApi?.payload.after).toBe(await box.repository("acme", "site")?.head());
    expect(byApi?.payload.head_commit.id).toBe(byApi?.payload.after);

    const server = await box.listen();
    const git = await GitClient.open(server.serverUrl, "acme/site", box.addToken({ login: "boss" }));
    await git.clone();
    const first = await git.commit({ "README.md": "Changed\n" }, "First");
    const second = await git.commit({ "new.txt": "new\n" }, "Second");
    const [byGit] = await arrivals(() => git.run("push", "origin", "main"));
    expect(byGit?.payload).toMatchObject({
      before: byApi?.payload.after,
      after: second,
      commits: [
        { id: first, message: "First", modified: ["README.md"], author: { name: "Ann", email: "ann@example.com" } },
        { id: second, message: "Second", added: ["new.txt"] },
      ],
      compare: `${server.serverUrl}/acme/site/compare/${byApi?.payload.after.slice(0, 12)}...${second.slice(0, 12)}`,
    });
    await git.close();

    const [byOtherUser] = await arrivals(() => box.repository("acme", "site")?.commit({ files: { "new.txt": null } }));
    expect(byOtherUser?.payload).toMatchObject({ pusher: { name: "boss" }, commits: [{ removed: ["new.txt"] }] });

    const { body } = await asApp("POST", `/app/installations/${installation.id}/access_tokens`);
    const bot = apiClient(box, body.token);
    const [byBot] = await arrivals(() => bot("PUT", `${at}/contents/bot.txt`, put));
    expect(byBot?.payload).toMatchObject({ sender: { login: "hooked[bot]", type: "Bot" } });
    await server.close();
  });

  it("reports a new branch without commits, a forced update, and a deleted branch with zeros", async () => {
    const refs = "/repos/acme/site/git/refs";
    const head = (await box.repository("acme", "site")?.head()) ?? "";
    const { body } = await octocat("GET", `/repos/acme/site/git/commits/${head}`);
    const [created, forced, deleted] = await arrivals(async () => {
      await octocat("POST", refs, { ref: "refs/heads/topic", sha: head });
      await octocat("PATCH", `${refs}/heads/topic`, { sha: body.parents[0].sha, force: true });
      await octocat("DELETE", `${refs}/heads/topic`);
    });
    expect(created?.payload).toMatchObject({
      before: "0".repeat(40),
      created: true,
      commits: [],
      head_commit: { id: head },
      compare: expect.stringMatching(/\/compare\/topic$/),
    });
    expect(forced?.payload).toMatchObject({ before: head, after: body.parents[0].sha, forced: true, commits: [] });
    expect(deleted?.payload).toMatchObject({ after: "0".repeat(40), deleted: true, commits: [], head_commit: null });
  });

  it("does not report refused updates, updates without a change, and more than three tags at once", async () => {
    const refs = "/repos/acme/site/git/refs";
    const head = (await box.repository("acme", "site")?.head()) ?? "";
    expect(
      await names(async () => {
        await octocat("PATCH", `${refs}/heads/main`, { sha: head });
        await octocat("PATCH", `${refs}/heads/main`, { sha: "1".repeat(40) });
      }),
    ).toEqual([]);
    const tags = ["a", "b", "c", "d"].map((tag) => ({ name: `refs/tags/${tag}`, before: null, after: head }));
    expect(await names(() => box.repository("acme", "site")?.moveRefs(tags))).toEqual([]);
    const fewer = tags.slice(0, 3).map(({ name }) => ({ name, after: null }));
    expect(await names(() => box.repository("acme", "site")?.moveRefs(fewer))).toEqual(["push", "push", "push"]);
  });
});

describe("/app/hook/deliveries", () => {
  it("lists deliveries newest first, in pages by cursor, filtered by status", async () => {
    receiver.respondWith = 403;
    await arrivals(() => box.addMember("acme", "one"));
    receiver.respondWith = 200;
    await arrivals(() => box.removeMember("acme", "one"));
    const first = await asApp("GET", "/app/hook/deliveries?per_page=2");
    expect(first.body).toMatchObject([
      { event: "organization", action: "member_removed", status: "OK", status_code: 200, redelivery: false },
      { event: "organization", action: "member_added", status: "Invalid HTTP Response: 403", status_code: 403 },
    ]);
    expect(first.body[0]).toMatchObject({ installation_id: installation.id, repository_id: null });
    const [, next = ""] = /^<https:\/\/api\.github\.com(.*)>; rel="next"$/.exec(first.headers.get("link") ?? "") ?? [];
    expect(next).toBe(`/app/hook/deliveries?per_page=2&cursor=v1_${first.body[1].id}`);
    const second = await asApp("GET", next);
    expect(second.body[0].id).toBeLessThan(first.body[1].id);
    const failed = await asApp("GET", "/app/hook/deliveries?status=failure");
    expect(failed.body.map(({ id }: { id: number }) => id)).toEqual([first.body[1].id]);
    const all = await asApp("GET", "/app/hook/deliveries?per_page=100");
    expect(all.body.at(-1)).toMatchObject({ event: "ping", action: null, installation_id: null });
    expect(all.headers.has("link")).toBe(false);
    expect((await appClient(box, box.addApp(), () => now)("GET", "/app/hook/deliveries")).body).toEqual([]);
  });

  it("returns a delivery with request and response, and redelivers it with the same GUID and body", async () => {
    receiver.respondWith = 500;
    const [lost] = await arrivals(() => box.addMember("acme", "two"));
    receiver.respondWith = 200;
    const [item] = (await asApp("GET", "/app/hook/deliveries?per_page=1")).body;
    const { body: detail } = await asApp("GET", `/app/hook/deliveries/${item.id}`);
    expect(detail).toMatchObject({
      guid: lost?.headers["x-github-delivery"],
      url: receiver.url,
      request: { headers: { "X-GitHub-Event": "organization" }, payload: lost?.payload },
      response: { headers: { "content-type": "text/plain" }, payload: "thanks" },
    });
    const [again] = await arrivals(() => asApp("POST", `/app/hook/deliveries/${item.id}/attempts`));
    expect(again?.headers["x-github-delivery"]).toBe(item.guid);
    expect(again?.body.equals(lost?.body ?? Buffer.alloc(0))).toBe(true);
    const [newest] = (await asApp("GET", "/app/hook/deliveries?per_page=1")).body;
    expect(newest).toMatchObject({ guid: item.guid, redelivery: true, status: "OK" });
    expect(newest.id).toBeGreaterThan(item.id);
  });

  it("logs deliveries without a connection or a response in time, and does not retry them", async () => {
    box.control.deliveryTimeout(50);
    receiver.respondWith = "none";
    expect(await names(() => box.addMember("acme", "three"))).toHaveLength(1);
    receiver.respondWith = 200;
    box.control.deliveryTimeout(10_000);
    const [late] = (await asApp("GET", "/app/hook/deliveries?per_page=1")).body;
    expect(late).toMatchObject({ status: "timed out" });
    const gone = await WebhookReceiver.open();
    const { url } = gone;
    await gone.close();
    const own = box.addApp({ webhookUrl: url });
    await box.deliveriesSettled();
    const [ping] = (await appClient(box, own, () => now)("GET", "/app/hook/deliveries")).body;
    expect(ping).toMatchObject({ event: "ping", status: "failed to connect to host" });
  });
});

describe("delivery faults of control", () => {
  it("deliveryFault drops a delivery, which is logged and can be redelivered", async () => {
    box.control.deliveryFault({ event: "organization", how: "drop" });
    expect(await names(() => box.addMember("acme", "four"))).toEqual([]);
    const [item] = (await asApp("GET", "/app/hook/deliveries?status=failure&per_page=1")).body;
    expect(item).toMatchObject({ event: "organization", status: "failed to connect to host" });
    expect(await names(() => asApp("POST", `/app/hook/deliveries/${item.id}/attempts`))).toEqual([
      "organization.member_added",
    ]);
  });

  it("deliveryFault sends a delivery twice with the same GUID", async () => {
    const stop = box.control.deliveryFault({ how: "duplicate", action: "member_removed", times: 2 });
    const deliveries = await arrivals(() => box.removeMember("acme", "four"));
    expect(deliveries.map(nameOf)).toEqual(["organization.member_removed", "organization.member_removed"]);
    expect(new Set(deliveries.map(({ headers }) => headers["x-github-delivery"])).size).toBe(1);
    stop();
    expect(await names(() => box.removeMember("acme", "two"))).toHaveLength(1);
  });

  it("holdDeliveries holds deliveries and releases them in reverse order", async () => {
    const held = box.control.holdDeliveries();
    expect(
      await names(() => {
        box.addMember("acme", "five");
        box.removeMember("acme", "five");
      }),
    ).toEqual([]);
    expect(await names(() => held.release({ reverse: true }))).toEqual([
      "organization.member_removed",
      "organization.member_added",
    ]);
    expect(await names(() => box.addMember("acme", "five"))).toHaveLength(1);
  });
});

/** Recorded payloads, collected by Octokit. The package exports the list itself, but its types declare a module. */
const EXAMPLES = examples as unknown as readonly { name: string; examples: readonly Record<string, unknown>[] }[];

/** Returns the paths and types of all members of a payload. Null and empty arrays have the type `null`. */
function shape(value: unknown, path = ""): [string, string][] {
  if (Array.isArray(value) && value.length === 0) return [[`${path}[]`, "null"]];
  if (Array.isArray(value)) return value.slice(0, 1).flatMap((item) => shape(item, `${path}[]`));
  if (typeof value !== "object" || value === null) return [[path, value === null ? "null" : typeof value]];
  return Object.entries(value).flatMap(([name, member]) => shape(member, `${path}.${name}`));
}

describe("webhook payloads", () => {
  it("matches GitHub's OpenAPI description and the types of recorded payloads", async () => {
    const openApi = new OpenApi();
    const own = box.addApp({
      callbackUrls: ["https://own.test"],
      permissions: { administration: "write" },
      events: EVENTS,
      webhookUrl: receiver.url,
      webhookSecret: "x",
    });
    const deliveries = await arrivals(async () => {
      await box.createRepository({ owner: "kim", name: "one", description: "One", homepage: "https://one.test" });
      await box.createRepository({ owner: "kim", name: "two" });
      box.addOrganization({ login: "team", admins: ["kim"] });
      const inTeam = box.install(own, { account: "team", by: "kim" });
      const installed = box.install(own, { account: "kim", repositories: ["one"] });
      installed.addRepositories(["two"]);
      installed.removeRepositories(["two"]);
      installed.suspend();
      installed.unsuspend();
      installed.acceptPermissions();
      await box
        .repository("kim", "one")
        ?.commit({ files: { a: "a" }, author: { name: "Kim", email: "1+kim@users.noreply.github.com" } });
      await box.createRepository({ owner: "team", name: "made" });
      box.repository("kim", "one")?.transfer("team");
      box.repository("team", "one")?.rename("uno");
      await apiClient(box, box.addToken({ login: "kim" }))("DELETE", "/repos/team/uno");
      box.addMember("team", "leo");
      box.removeMember("team", "leo");
      await connect(box, own, "kim");
      box.revokeGrant(own, "kim");
      installed.remove();
      inTeam.remove();
    });
    expect(new Set(deliveries.map(nameOf))).toEqual(
      new Set([
        "ping",
        "push",
        ...["created", "suspend", "unsuspend", "new_permissions_accepted", "deleted"].map((it) => `installation.${it}`),
        ...["added", "removed"].map((it) => `installation_repositories.${it}`),
        ...["created", "renamed", "transferred", "deleted"].map((it) => `repository.${it}`),
        ...["member_added", "member_removed"].map((it) => `organization.${it}`),
        "github_app_authorization.revoked",
      ]),
    );
    const problems = deliveries.flatMap(({ event, action, payload }) =>
      openApi.webhookProblems(event, action ?? null, payload),
    );
    expect([...new Set(problems)]).toEqual([]);

    const differences: string[] = [];
    for (const name of new Set(deliveries.map(nameOf))) {
      const ours = deliveries.filter((arrival) => nameOf(arrival) === name);
      const [event, action] = name.split(".");
      const real = (EXAMPLES.find((entry) => entry.name === event)?.examples ?? []).filter(
        (it) => it.action === action,
      );
      differences.push(...compare(name, shapes(ours.map(({ payload }) => payload)), shapes(real), real));
    }
    expect(differences).toEqual([]);
  });
});

/** Returns all paths with their types. */
function shapes(values: readonly unknown[]): Map<string, Set<string>> {
  const types = new Map<string, Set<string>>();
  for (const [path, type] of values.flatMap((value) => shape(value))) {
    types.set(path, (types.get(path) ?? new Set()).add(type));
  }
  return types;
}

/** Returns paths of our payloads with a different type, and paths that all recorded payloads have but ours do not. */
function compare(
  event: string,
  ours: Map<string, Set<string>>,
  theirs: Map<string, Set<string>>,
  real: readonly unknown[],
): string[] {
  const problems: string[] = [];
  for (const [path, types] of ours) {
    const known = theirs.get(path);
    // The recorded payloads have these times in seconds; GitHub has changed them to ISO 8601 since.
    if (known === undefined || known.has("null") || /^\.installation\.(created|updated)_at$/.test(path)) continue;
    for (const type of types) if (type !== "null" && !known.has(type)) problems.push(`${event}${path} is a ${type}`);
  }
  const common = [...theirs.keys()].filter((path) => real.every((value) => shapes([value]).has(path)));
  const isOurs = (path: string): boolean =>
    [...ours.keys()].some((own) => own === path || own.startsWith(`${path}.`) || path.startsWith(`${own}.`));
  // The recorded pings are those of repository webhooks, which have more members than those of Apps.
  if (event === "ping") return problems;
  for (const path of common) {
    // The permissions depend on the App.
    if (!path.startsWith(".installation.permissions.") && !isOurs(path)) problems.push(`${event}${path} is missing`);
  }
  return problems;
}
