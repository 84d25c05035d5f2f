import { createGitHubClient, GitHubClientError } from "@infrajet/github-client";
import { createContractFixture } from "@infrajet/github-testing/contract";
import { afterAll, describe, expect, it } from "vitest";
import { HOSTS } from "./hosts.js";
import { newClient, projectToSync, unique } from "./synced-project.js";

describe.each(HOSTS)("createGitHubClient with a host on %s", (_name, mount) => {
  const world = createContractFixture(mount);
  afterAll(() => world.close());

  it("connects a user, plans a sync, writes it and reads its history", async () => {
    const { client, projectId, repository, login } = await projectToSync(await world.host("complete"));
    expect(await client.getConnectionStatus()).toMatchObject({ connected: true, username: login });

    const request = { project_id: projectId, repository_full_name: repository };
    const plan = await client.planSync(request);
    expect(plan.changes.map(({ file_path }) => file_path)).toEqual(["main.tf"]);

    const sync = await client.syncProject({ ...request, wait: 20 });
    expect(sync).toMatchObject({ status: "completed", files_synced: 1 });

    const history = await client.getSyncHistory({ project_id: projectId, limit: 1 });
    expect(history.sync_records.map(({ id, sync_status }) => [String(id), sync_status])).toEqual([
      [sync.sync_id, "completed"],
    ]);
  });

  it("encodes the fields of a path", async () => {
    const host = await world.host("complete");
    const userId = unique("user");
    const projectId = "a b?c #%";
    await host.writeProject(userId, projectId, {});
    const status = await (await newClient(host, userId)).getSyncStatus({ project_id: projectId });
    expect(status).toMatchObject({ project_id: projectId, status: "never_synced" });
  });

  it("rejects with the code, the status and the detail of an error", async () => {
    const client = await newClient(await world.host("complete"));
    const error = await client.listRepositories().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(GitHubClientError);
    expect(error).toMatchObject({ code: "github_not_connected", status: 400, detail: expect.stringMatching(/\w/) });
  });

  it("names the invalid fields", async () => {
    const client = await newClient(await world.host("complete"));
    const listing = client.listRepositories({ per_page: 1_000 });
    await expect(listing).rejects.toMatchObject({ status: 422, errors: [{ field: "per_page" }] });
  });

  it("requests the token for each call", async () => {
    const host = await world.host("complete");
    const tokens = [await host.tokenFor(unique("user")), "expired"];
    const client = createGitHubClient({ baseUrl: `${host.baseUrl}/`, token: async () => tokens.shift() ?? "" });
    expect(await client.getConnectionStatus()).toMatchObject({ connected: false });
    await expect(client.getConnectionStatus()).rejects.toMatchObject({ status: 401 });
  });

  it("sends a GitHub token as a header", async () => {
    const host = await world.host("complete");
    const client = await newClient(host);
    const listing = client.listInstallations({ "x-github-token": "ghu_unknown" });
    await expect(listing).rejects.toMatchObject({ code: expect.not.stringMatching("github_not_connected") });
  });

  it("returns the body of a failed health check with the error", async () => {
    const client = await newClient(await world.host("strange-app"));
    await expect(client.getHealth()).rejects.toMatchObject({ status: 503, body: { status: "unhealthy" } });
  });
});

describe("createGitHubClient", () => {
  const never = (request: Request): Promise<Response> =>
    new Promise((_, reject) => request.signal.addEventListener("abort", () => reject(request.signal.reason)));
  const baseUrl = "http://host.example/api";

  it("rejects with `timeout` when the server does not respond in time", async () => {
    const client = createGitHubClient({ baseUrl, fetch: never, timeoutMs: 5 });
    await expect(client.getLive()).rejects.toMatchObject({ code: "timeout", status: null });
  });

  it("rejects with `timeout` when the token does not arrive in time", async () => {
    const client = createGitHubClient({ baseUrl, token: () => new Promise(() => undefined) });
    await expect(client.getLive({}, { timeoutMs: 5 })).rejects.toMatchObject({ code: "timeout" });
  });

  it("rejects with the reason of the caller's signal", async () => {
    const controller = new AbortController();
    const client = createGitHubClient({ baseUrl, fetch: never });
    const call = client.getLive({}, { signal: controller.signal });
    controller.abort(new Error("left the page"));
    await expect(call).rejects.toThrow("left the page");
    await expect(client.getLive({}, { signal: controller.signal })).rejects.toThrow("left the page");
  });

  it("rejects with `network_error` when the server is unreachable", async () => {
    const client = createGitHubClient({ baseUrl, fetch: () => Promise.reject(new TypeError("fetch failed")) });
    await expect(client.getLive()).rejects.toMatchObject({
      code: "network_error",
      cause: new TypeError("fetch failed"),
    });
  });

  it.each([200, 502])(
    "rejects with `invalid_response` when a proxy responds with a page and status %i",
    async (status) => {
      const client = createGitHubClient({ baseUrl, fetch: async () => new Response("<h1>Proxy</h1>", { status }) });
      await expect(client.getLive()).rejects.toMatchObject({
        code: "invalid_response",
        status,
        body: "<h1>Proxy</h1>",
      });
    },
  );

  it.each([
    ["seconds", "7", 7_000],
    ["a date", new Date(0).toUTCString(), 0],
    ["nonsense", "soon", null],
  ])("reads `Retry-After` as %s", async (_form, header, retryAfterMs) => {
    const answer = { detail: "Too many requests.", code: "rate_limited" };
    const init = { status: 429, headers: { "retry-after": header } };
    const client = createGitHubClient({ baseUrl, fetch: async () => Response.json(answer, init) });
    await expect(client.getLive()).rejects.toMatchObject({ code: "rate_limited", retryAfterMs });
  });

  it.each(["", ".", ".."])("refuses the path segment %j, which would change the path", async (segment) => {
    const client = createGitHubClient({ baseUrl, fetch: never });
    const call = client.getRepository({ owner: segment, repo: "infra" });
    await expect(call).rejects.toMatchObject({ code: "invalid_input" });
  });

  it("refuses a relative URL outside of a page", () => {
    expect(() => createGitHubClient({ baseUrl: "/api/v1/github" })).toThrow(TypeError);
  });
});
