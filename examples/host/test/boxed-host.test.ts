import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "@infrajet/github-prisma/database";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Client } from "./client.js";
import { FRAMEWORKS, HostProcess } from "./host-process.js";
import { rawRequests } from "./raw-requests.js";
import { sendRaw } from "./raw-response.js";

const PROJECT = { project_id: "network", repository_full_name: "ada/infrastructure" };

// Each host is started once; its cases are consecutive steps.
describe.each(FRAMEWORKS)("the %s host without credentials", (framework) => {
  let dataDir: string;
  let host: HostProcess;
  let client: Client;
  let token: string;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "infrajet-host-"));
    host = HostProcess.start({ framework, env: { DATA_DIR: dataDir } });
    const address = await host.address();
    token = /TOKEN=(\S+)/.exec(host.stdout)?.[1] ?? "";
    client = new Client(address, token);
  });
  afterAll(async () => {
    host.kill();
    await rm(dataDir, { recursive: true, force: true });
  });

  it("prints an introduction with shell commands, and one line with its address", () => {
    expect(host.stdout).toContain("GitHub in a box");
    expect(host.stdout.match(/^Listening on .*$/gm)).toHaveLength(1);
    expect(host.stdout).toContain(`${client.api}\n`);
    expect(host.stdout.match(/^ {2}\S*(URL=\$\()?curl /gm)?.length).toBeGreaterThanOrEqual(5);
  });

  it("serves the dashboard at the printed address, and responds in JSON to every other path", async () => {
    const printed = new URL(/http:\S+#token=\S+/.exec(host.stdout)?.[0] ?? "");
    expect([printed.pathname, printed.search]).toEqual(["/", ""]);
    const fragment = new URLSearchParams(printed.hash.slice(1));
    expect([fragment.get("token"), fragment.get("project")]).toEqual([token, "network"]);
    const page = await fetch(printed);
    expect(page.headers.get("cache-control")).toBe("no-store");
    expect(page.headers.get("x-content-type-options")).toBe("nosniff");
    const policy = page.headers.get("content-security-policy");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
    const [script = ""] = /\/assets\/[^"]+\.js/.exec(await page.text()) ?? [];
    const asset = await fetch(new URL(script, printed));
    expect([asset.status, asset.headers.get("content-type")]).toEqual([200, "text/javascript; charset=utf-8"]);
    expect(asset.headers.get("cache-control")).toContain("immutable");
    for (const [method, path] of [
      ["POST", "/"],
      ["GET", "/index.html"],
      ["GET", "/assets/"],
      ["GET", "/assets/..%2findex.html"],
    ] as const) {
      const response = await fetch(new URL(path, printed), { method });
      expect([response.status, await response.json()], path).toMatchObject([404, { code: "not_found" }]);
    }
  });

  it("connects an account through the browser", async () => {
    expect((await client.visit("/auth/login", "authorization_url")).pathname).toBe("/");
    expect(await client.read("/connection/status")).toMatchObject({ connected: true, username: "ada" });
    expect(await client.read("/repositories")).toMatchObject({ repositories: [{ full_name: "ada/infrastructure" }] });
  });

  it("syncs the sample project and reports progress on the WebSocket", async () => {
    const messages = await client.watch("network", "github_sync_completed", async () => {
      const synced = await client.send("/sync/project", PROJECT);
      expect(synced).toMatchObject({ status: "completed", files_synced: 3, error_message: null });
    });
    const percentages = messages
      .filter(({ type }) => type === "github_sync_progress")
      .map(({ data }) => Number(data.progress_percentage));
    expect(percentages.length).toBeGreaterThan(1);
    expect(percentages).toEqual([...percentages].sort((a, b) => a - b));
    expect(messages.at(-1)).toMatchObject({ data: { project_id: "network", status: "completed" } });
    expect(await client.read("/sync/history/network")).toMatchObject({ total_syncs: 1, current_status: "completed" });
    expect(await client.read("/sync/metrics")).toMatchObject({ successful_syncs: 1, total_files_synced: 3 });
  });

  it("fails a sync with a conflict, and completes its retry after the conflict is resolved", async () => {
    const readme = join(dataDir, "projects/demo/network/README.md");
    await writeFile(readme, "# Another one\n");
    expect(await client.send("/sync/check-conflicts", PROJECT)).toMatchObject({
      total_conflicts: 1,
      conflicts: [{ file_path: "README.md" }],
    });
    const failed = await client.send("/sync/project", PROJECT);
    expect(failed).toMatchObject({ status: "failed", files_synced: 0 });
    await rm(readme);
    const again = await client.send("/sync/retry", { sync_record_id: Number(failed.sync_id) });
    expect(again).toMatchObject({ sync_id: failed.sync_id, status: "completed" });
  });

  it("installs the GitHub App, issues a token, creates a repository and pushes files", async () => {
    expect((await client.visit("/install?state=a-state-of-the-test", "installation_url")).search).toBe("?connected=1");
    const [installation] = Object.values(await client.read("/installations")).map((value) => Object(value));
    expect(installation).toMatchObject({ account_login: "ada" });
    const minted = await client.send("/installation/token", { installation_id: installation.id });
    expect(minted).toMatchObject({ token: expect.any(String), repository_selection: "all" });
    const made = await client.send("/repositories", { installation_id: installation.id, name: "made" });
    expect(made).toMatchObject({ full_name: "ada/made", private: true });
    const target = { installation_id: installation.id, repo_owner: "ada", repo_name: "made", commit_message: "Go" };
    expect(await client.send("/repositories/push", { ...target, files: { "a.tf": "1\n" } })).toMatchObject({
      success: true,
      files_pushed: 1,
    });
    expect(await client.send("/repositories/sync", { ...target, files: { "a.tf": "2\n" } })).toMatchObject({
      success: true,
      files_synced: 1,
      conflicts: [],
    });
    const { commit_message: _message, ...asked } = target;
    expect(await client.send("/repositories/validate-access", { ...asked, user_access_token: "invalid" })).toEqual({
      has_access: false,
      installation_found: false,
      repository_accessible: false,
    });
    expect(await client.read("/health")).toMatchObject({ status: "healthy", errors: [] });
  });

  it("stores its keys with mode 0600 and rejects requests without a token", async () => {
    expect((await stat(join(dataDir, "keys.json"))).mode & 0o777).toBe(0o600);
    expect((await fetch(`${client.api}/connection/status`)).status).toBe(401);
  });

  it("responds in JSON to requests that Node, the framework or the endpoints reject", async () => {
    for (const { name, bytes, status, code = expect.any(String) } of rawRequests(token)) {
      const response = await sendRaw(new URL(client.api).origin, bytes);
      expect([status].flat(), name).toContain(response.status);
      expect(response.head, name).toContain("content-type: application/json");
      expect(JSON.parse(response.body), name).toEqual({ detail: expect.any(String), code });
    }
  });

  it("responds to HEAD with the headers of GET and without a body", async () => {
    for (const [path, status] of [
      ["/live", 200],
      ["/nothing", 404],
      ["/connection/status", 401],
    ] as const) {
      const [head, get] = await Promise.all(["HEAD", "GET"].map((method) => fetch(`${client.api}${path}`, { method })));
      expect([head?.status, get?.status, await head?.text()], path).toEqual([status, status, ""]);
      for (const name of ["content-type", "content-length"]) {
        expect(head?.headers.get(name), path).toBe(get?.headers.get(name));
      }
    }
  });

  // One framework suffices: the lock does not depend on it.
  it.runIf(framework === "express")("prevents a second host from using its folder", async () => {
    const second = HostProcess.start({ framework: "fastify", cwd: dataDir, env: { DATA_DIR: "." } });
    const { code, stdout, stderr } = await second.end;
    expect(code).toBeGreaterThan(0);
    expect(stdout).not.toContain("Listening");
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain("database");
  });

  it("disconnects, and exits with 0 after SIGTERM, also when npm started it", async () => {
    expect(await client.send("/disconnect", {})).toMatchObject({ success: true, token_revoked: true });
    expect(await host.stop()).toMatchObject({ code: 0 });
  });

  it("stored the webhook deliveries that it received", async () => {
    const database = await openDatabase(`pglite:${join(dataDir, "database")}`);
    const isOld = new Date(Date.now() + 60_000);
    // A delivery store reports their number only when it removes them.
    expect(await database.stores.deliveries.removeReceivedBefore(isOld, 100)).toBeGreaterThan(0);
    await database.close();
  });

  it.runIf(framework === "fastify")(
    "reads the data of the Express host from the same folder, and the reverse",
    async () => {
      host = HostProcess.start({ framework: "express", cwd: dataDir, env: { DATA_DIR: dataDir } });
      const again = new Client(await host.address(), token);
      expect(await again.read("/sync/history/network")).toMatchObject({ total_syncs: 2, current_status: "completed" });
      expect(await again.read("/connection/status")).toMatchObject({ connected: false });
      expect(await host.stop()).toMatchObject({ code: 0, stderr: "" });
    },
  );
});
