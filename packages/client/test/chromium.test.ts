import { type ContractSubject, createContractFixture } from "@infrajet/github-testing/contract";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM, type ClientWindow, openBrowser, openClientPage } from "./client-page.js";
import { CuttingProxy } from "./cutting-proxy.js";
import { holdWrites } from "./held-writes.js";
import { HOSTS } from "./hosts.js";
import { type ProjectToSync, projectToSync } from "./synced-project.js";

declare const window: ClientWindow;

let browser: Browser;
beforeAll(async () => {
  if (CHROMIUM !== null) browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
});

describe.skipIf(CHROMIUM === null).each(HOSTS)("the client in Chromium with a host on %s", (_name, mount) => {
  const world = createContractFixture(mount);
  afterAll(() => world.close());

  it("calls endpoints of the page's own origin", async () => {
    const host = await world.host("complete");
    const { page, synced } = await signedInPage(host);
    const { username } = await page.evaluate(() => window.github.getConnectionStatus());
    expect(username).toBe(synced.login);
    const failure = await page.evaluate(() =>
      window.github.getSyncHistory({ project_id: "of-another-user" }).catch(({ code, status }) => ({ code, status })),
    );
    expect(failure).toEqual({ code: "project_not_found", status: 404 });
    await page.close();
  });

  it.each([
    ["websocket", undefined],
    ["sse", null],
  ])(
    "delivers every end over %s once when the connection is cut in the middle of a sync",
    async (transport, socket) => {
      const host = await world.host("complete");
      const proxy = await CuttingProxy.start(host.baseUrl);
      const { page, synced } = await signedInPage(host, { baseUrl: proxy.through(host.baseUrl), socket });
      const writes = holdWrites(host, synced.login);
      try {
        await follow(page);
        await seen(page, `connected ${transport}`);
        const first = sync(synced);
        await writes.arrived;
        await seen(page, "github_sync_progress");

        proxy.cut();
        await seen(page, "disconnected");
        writes.release();
        const { sync_id: during } = await first;
        await host.writeProject(synced.userId, "network", { "missed.tf": "" });
        const { sync_id: missed } = await sync(synced);
        proxy.restore();
        await seen(page, `github_sync_completed ${missed}`);

        await host.writeProject(synced.userId, "network", { "later.tf": "" });
        const { sync_id: later } = await sync(synced);
        await seen(page, `github_sync_completed ${later}`);
        const all = await page.evaluate(() => window.seen);
        expect(all.filter((entry) => entry.startsWith("github_sync_completed"))).toEqual(
          [during, missed, later].map((id) => `github_sync_completed ${id}`),
        );
      } finally {
        writes.release();
        await page.close();
        await proxy.close();
      }
    },
  );
});

describe.skipIf(CHROMIUM === null).each(HOSTS)(
  "the client in Chromium with a host on %s without WebSockets",
  (_name, mount) => {
    const world = createContractFixture((parts) => mount(parts, { realtime: false }));
    afterAll(() => world.close());

    it("falls back to server-sent events", async () => {
      const { page, synced } = await signedInPage(await world.host("complete"));
      await follow(page);
      await seen(page, "connected sse");
      const { sync_id } = await sync(synced);
      await seen(page, `github_sync_completed ${sync_id}`);
      await page.close();
    });
  },
);

/** Opens a page whose client is that of a new user. The client has the page's origin as its default. */
async function signedInPage(
  host: ContractSubject,
  { baseUrl = host.baseUrl, socket }: { readonly baseUrl?: string; readonly socket?: null | undefined } = {},
): Promise<{ readonly page: Page; readonly synced: ProjectToSync }> {
  const synced = await projectToSync(host);
  const page = await openClientPage(browser, new URL(baseUrl).origin);
  await page.evaluate(
    ([token, noSocket]) => {
      const transport = noSocket ? { WebSocket: null } : {};
      window.github = window.createGitHubClient({ token, ...transport });
    },
    [await host.tokenFor(synced.userId), socket === null] as const,
  );
  return { page, synced };
}

/** Follows the project in the page, and records what happens. */
async function follow(page: Page): Promise<void> {
  await page.evaluate(() => {
    const follow = window.github.follow("network");
    window.seen = [];
    follow.on("connected", (transport) => window.seen.push(`connected ${transport}`));
    follow.on("disconnected", () => window.seen.push("disconnected"));
    void (async () => {
      for await (const { type, data } of follow)
        window.seen.push("completed_at" in data ? `${type} ${data.sync_id}` : type);
    })();
  });
}

/** Resolves when the page has recorded an entry. */
async function seen(page: Page, entry: string): Promise<void> {
  await expect.poll(() => page.evaluate(() => window.seen)).toContain(entry);
}

function sync({ client, repository }: ProjectToSync) {
  return client.syncProject({ project_id: "network", repository_full_name: repository, wait: 20 });
}
