import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Client } from "./client.js";
import { CHROMIUM, DashboardPage, openBrowser } from "./dashboard-page.js";
import { FRAMEWORKS, HostProcess } from "./host-process.js";

const REPOSITORY = "ada/infrastructure";

const mainTf = (cidr: string): string => `terraform {
  required_version = ">= 1.9"
}

module "network" {
  source        = "./modules/network"
  address_space = ["${cidr}"]
}
`;

// Each host is started once; its cases are consecutive steps of one user.
describe.skipIf(CHROMIUM === null).each(FRAMEWORKS)("the dashboard of the %s host without credentials", (framework) => {
  let dataDir: string;
  let host: HostProcess;
  let browser: Browser;
  let dashboard: DashboardPage;
  let address: URL;
  let client: Client;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "infrajet-host-"));
    host = HostProcess.start({ framework, env: { DATA_DIR: dataDir } });
    const origin = await host.address();
    address = new URL(/http:\S+#token=\S+/.exec(host.stdout)?.[0] ?? "");
    client = new Client(origin, new URLSearchParams(address.hash.slice(1)).get("token") ?? "");
    browser = await openBrowser();
    dashboard = await DashboardPage.open(browser, address.href);
  });
  afterAll(async () => {
    await browser?.close();
    await host?.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** Writes a file of a project. */
  const put = async (path: string, content: string): Promise<void> => {
    const file = join(dataDir, "projects/demo", path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  };

  /** Commits files to the branch as the GitHub App. */
  const pushToBranch = async (files: Readonly<Record<string, string>>): Promise<void> => {
    const [installation] = Object.values(await client.read("/installations")).map((value) => Object(value));
    const [repo_owner = "", repo_name = ""] = REPOSITORY.split("/");
    const target = { installation_id: installation.id, repo_owner, repo_name };
    await client.send("/repositories/push", { ...target, commit_message: "Change the branch", files });
  };

  it("signs in by the printed address, and removes the token from the address", async () => {
    await dashboard.heading("Connect GitHub").waitFor();
    expect(dashboard.page.url()).toBe(`${address.origin}/#project=network`);
    await dashboard.expectAccessible();
  });

  it("connects GitHub with one click", async () => {
    await dashboard.click(/Continue to GitHub/);
    await dashboard.page.getByText("GitHub is connected.").waitFor();
    expect(dashboard.page.url()).toBe(`${address.origin}/#project=network`);
    await dashboard.heading("Choose a repository").waitFor();
    await dashboard.expectAccessible();
  });

  it("shows the plan of the chosen repository and branch, and writes nothing before it is approved", async () => {
    await dashboard.choose("Repository", REPOSITORY);
    expect(await dashboard.page.getByRole("combobox", { name: "Branch" }).inputValue()).toBe("main");
    const panel = await dashboard.preview();
    for (const path of ["docs/network.md", "main.tf", "modules/network/main.tf"]) {
      await panel.getByRole("listitem").filter({ hasText: path }).first().waitFor();
    }
    await dashboard.expectAccessible();
    expect(await client.read("/sync/history/network")).toMatchObject({ total_syncs: 0 });
  });

  it("syncs the plan, and links to the commit", async () => {
    await dashboard.sync();
    expect(await dashboard.textBehind("Open the commit")).toContain("modules/network/main.tf");
    await dashboard.expectAccessible();
  });

  it("installs the GitHub App", async () => {
    await dashboard.visit("GitHub");
    await dashboard.click("Install the App");
    await dashboard.page.getByText("GitHub is connected.").waitFor();
    await dashboard.visit("GitHub");
    await dashboard.page.getByRole("listitem").filter({ hasText: "ada" }).waitFor();
    await dashboard.expectAccessible();
  });

  it("shows conflicts side by side, and syncs the decisions in both directions", async () => {
    await pushToBranch({
      "main.tf": mainTf("10.0.0.0/8"),
      "docs/network.md": "# Network\n\nOwned by the platform team.\n",
      "modules/dns/main.tf": 'resource "azurerm_dns_zone" "main" {\n  name = "example.com"\n}\n',
    });
    await put("network/main.tf", mainTf("10.42.0.0/16"));
    await put("network/docs/network.md", "# Network\n\nReviewed every month.\n");
    await put("network/modules/network/main.tf", 'resource "azurerm_virtual_network" "main" {\n  name = "vnet"\n}\n');
    await put("network/modules/network/outputs.tf", 'output "id" {\n  value = azurerm_virtual_network.main.id\n}\n');
    await put("network/variables.tf", 'variable "location" {\n  default = "westeurope"\n}\n');
    await dashboard.visit("Sync");
    await dashboard.page.getByRole("radio", { name: /Two-way/ }).check();
    await dashboard.preview();
    await dashboard.screenshot("dashboard");
    await dashboard.page.getByRole("link", { name: "Resolve 2 conflicts" }).click();
    for (const [side, shown] of [
      ["Project", "Reviewed every month."],
      ["Base", "# Network"],
      ["Branch", "Owned by the platform team."],
    ] as const) {
      await dashboard.page
        .getByRole("region", { name: `Text of ${side}` })
        .filter({ hasText: shown })
        .waitFor();
    }
    await dashboard.expectAccessible();
    await dashboard.click("Keep the branch's");
    await dashboard.heading("main.tf").waitFor();
    await dashboard.click("Edit the merged text");
    const editor = dashboard.page.getByRole("textbox", { name: "Merged text" });
    expect(await editor.inputValue()).toContain("<<<<<<< project");
    expect(await dashboard.page.getByRole("button", { name: "Use this text" }).isDisabled()).toBe(true);
    await editor.fill(mainTf("10.42.0.0/20"));
    await dashboard.expectAccessible();
    await dashboard.click("Use this text");
    await dashboard.heading("All resolved").waitFor();
    await dashboard.click("Preview the sync");
    await dashboard.heading("Planned changes").waitFor();
    await dashboard.sync();
    expect(await readFile(join(dataDir, "projects/demo/network/main.tf"), "utf8")).toBe(mainTf("10.42.0.0/20"));
    expect(await readFile(join(dataDir, "projects/demo/network/docs/network.md"), "utf8")).toContain("platform team");
    expect(await dashboard.textBehind("Open the commit")).toContain("10.42.0.0/20");
  });

  it("lists the syncs in the history, draws the metrics, and shows the doctor's findings", async () => {
    await dashboard.visit("History");
    expect(await dashboard.textBehind(/^Commit [0-9a-f]{7}$/)).toContain("10.42.0.0/20");
    await dashboard.expectAccessible();
    await dashboard.visit("Metrics");
    await dashboard.page.getByRole("figure", { name: "Files changed per sync" }).waitFor();
    await dashboard.expectAccessible();
    await dashboard.visit("Health");
    await dashboard.page.getByText("redirect_uri", { exact: true }).waitFor();
    await dashboard.expectAccessible();
  });

  it("takes a sync back", async () => {
    await dashboard.visit("History");
    await dashboard.page.getByRole("button", { name: "Undo" }).first().click();
    await dashboard.heading("Synced").waitFor();
    const commit = await dashboard.textBehind("Open the commit");
    expect(commit).toContain("Revert sync");
    expect(commit).toContain("10.42.0.0/20");
  });

  it("links the project to the branch, and turns the link off and on", async () => {
    await dashboard.visit("Links");
    await dashboard.click(`Link to ${REPOSITORY}@main (two-way)`);
    const auto = dashboard.page.getByRole("checkbox", { name: "Sync automatically" });
    await auto.waitFor();
    await dashboard.expectAccessible();
    expect(await client.read("/sync/link/network")).toMatchObject({ links: [{ direction: "two_way", auto: true }] });
    await auto.click();
    await expect.poll(() => client.read("/sync/link/network")).toMatchObject({ links: [{ auto: false }] });
    await dashboard.click(`Remove the link to ${REPOSITORY}@main`);
    await dashboard.heading("Not linked").waitFor();
  });

  it("shows the end of a sync that ended while the page was disconnected", async () => {
    for (let number = 0; number < 300; number += 1) await put(`network/many/${number}.tf`, `# ${number}\n`);
    const { page } = dashboard;
    let isCut = false;
    await page.route(/\/(events|realtime\/ticket)(\?|$)/, (route) => (isCut ? route.abort() : route.continue()));
    await page.routeWebSocket(/\/ws\?/, (socket) => {
      if (isCut) {
        void socket.close();
        return;
      }
      const server = socket.connectToServer();
      server.onMessage((message) => {
        if (!String(message).includes("github_sync_progress")) {
          socket.send(message);
          return;
        }
        // The connection is lost with the first message about the sync.
        isCut = true;
        void server.close();
        void socket.close();
      });
    });
    await page.reload();
    await page.getByText("Live").waitFor();
    await dashboard.visit("Sync");
    await dashboard.preview();
    await dashboard.click("Sync now");
    await page.getByText("Connecting …").waitFor();
    await expect
      .poll(() => client.read("/sync/history/network"), { timeout: 60_000 })
      .toMatchObject({ total_syncs: 4, current_status: "completed" });
    expect(await dashboard.heading("Syncing").isVisible()).toBe(true);
    isCut = false;
    await dashboard.heading("Synced").waitFor({ timeout: 60_000 });
    await page.unrouteAll();
  });

  it("works at a width of 360 px and in the dark", async () => {
    const narrow = await DashboardPage.open(browser, address.href, {
      viewport: { width: 360, height: 740 },
      colorScheme: "dark",
    });
    await narrow.heading(/See the changes first/).waitFor();
    for (const name of ["Sync", "Conflicts", "History", "Metrics", "Links", "GitHub", "Health"]) {
      await narrow.visit(name);
      await narrow.expectNoOverflow();
      await narrow.expectAccessible();
    }
  });

  it("had no error in its scripts and loaded nothing that its policy forbids", () => {
    expect(dashboard.errors).toEqual([]);
  });
});
