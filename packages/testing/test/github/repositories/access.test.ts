import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BoxRepository, createGitHubBox, type GitHubBox } from "../../../src/index.js";
import { type Api, apiClient } from "../api-client.js";

let box: GitHubBox;
let open: BoxRepository;
let secret: BoxRepository;

beforeAll(async () => {
  box = await createGitHubBox();
  box.addOrganization({ login: "acme", admins: ["boss"], members: ["member"] });
  open = await box.createRepository({ owner: "acme", name: "open", autoInit: true });
  secret = await box.createRepository({ owner: "acme", name: "secret", autoInit: true, private: true });
  for (const repository of [open, secret]) {
    repository.setPermission("writer", "write");
    repository.setPermission("reader", "read");
  }
});
afterAll(() => box.close());

/** Returns the statuses of a read and a write of both repositories. */
async function statuses(api: Api): Promise<{ open: [number, number]; secret: [number, number] }> {
  const both = async (name: string): Promise<[number, number]> => [
    (await api("GET", `/repos/acme/${name}/git/ref/heads/main`)).status,
    (await api("POST", `/repos/acme/${name}/git/blobs`, { content: "x" })).status,
  ];
  return { open: await both("open"), secret: await both("secret") };
}

describe("access to a public and a private repository", () => {
  const cases: [string, () => string | undefined, [number, number], [number, number]][] = [
    ["no token", () => undefined, [200, 401], [404, 404]],
    ["a token of a user without a role", () => box.addToken({ login: "stranger" }), [200, 404], [404, 404]],
    ["a token of a reader", () => box.addToken({ login: "reader" }), [200, 404], [200, 404]],
    ["a token of a writer", () => box.addToken({ login: "writer" }), [200, 201], [200, 201]],
    ["a token of a member", () => box.addToken({ login: "member" }), [200, 404], [200, 404]],
    ["a token of an owner", () => box.addToken({ login: "boss" }), [200, 201], [200, 201]],
    [
      "an owner's token with the scope public_repo",
      () => box.addToken({ login: "boss", scopes: ["public_repo"] }),
      [200, 201],
      [404, 404],
    ],
    ["an owner's token without scopes", () => box.addToken({ login: "boss", scopes: [] }), [200, 404], [404, 404]],
    ["an installation token", () => box.addToken({ login: "acme", kind: "installation" }), [200, 201], [200, 201]],
    [
      "an installation token with contents: read",
      () => box.addToken({ login: "acme", kind: "installation", permissions: { contents: "read" } }),
      [200, 403],
      [200, 403],
    ],
    [
      "an installation token of another account",
      () => box.addToken({ login: "other", kind: "installation" }),
      [200, 403],
      [404, 404],
    ],
    [
      "an installation token for one repository",
      () => box.addToken({ login: "acme", kind: "installation", repositories: ["open"] }),
      [200, 201],
      [404, 404],
    ],
    [
      "a writer's fine-grained token",
      () => box.addToken({ login: "writer", kind: "fine-grained" }),
      [200, 201],
      [200, 201],
    ],
    [
      "a reader's fine-grained token",
      () => box.addToken({ login: "reader", kind: "fine-grained" }),
      [200, 403],
      [200, 403],
    ],
  ];

  it.each(cases)("is checked for reads and writes with %s", async (_, token, inOpen, inSecret) => {
    expect(await statuses(apiClient(box, token()))).toEqual({ open: inOpen, secret: inSecret });
  });
});

describe("authentication", () => {
  it("accepts a token with the schemes token, Bearer and Basic, and rejects a revoked one", async () => {
    const token = box.addToken({ login: "boss" });
    const basic = Buffer.from(`x-access-token:${token}`).toString("base64");
    for (const authorization of [`token ${token}`, `Bearer ${token}`, `Basic ${basic}`]) {
      expect((await apiClient(box)("GET", "/user", undefined, { authorization })).body.login).toBe("boss");
    }
    box.revokeToken(token);
    expect((await apiClient(box, token)("GET", "/user")).status).toBe(401);
  });

  it("names the missing permission in X-Accepted-GitHub-Permissions", async () => {
    const token = box.addToken({ login: "acme", kind: "installation", permissions: { contents: "read" } });
    const { headers } = await apiClient(box, token)("POST", "/repos/acme/open/git/blobs", { content: "x" });
    expect(headers.get("x-accepted-github-permissions")).toBe("contents=write");
  });
});

describe("write of a workflow file", () => {
  const file = { path: ".github/workflows/ci.yml", mode: "100644", type: "blob", content: "on: push\n" };
  const tree = async (api: Api, entry = file): Promise<number> => {
    const body = { base_tree: await open.head(), tree: [entry] };
    return (await api("POST", "/repos/acme/open/git/trees", body)).status;
  };

  it("gets a 404 without the workflow scope or permission, unless a branch has the same file", async () => {
    const weak = apiClient(box, box.addToken({ login: "boss", scopes: ["repo"] }));
    expect(await tree(weak)).toBe(404);
    expect(await tree(weak, { ...file, path: "other/ci.yml" })).toBe(201);
    const put = await weak("PUT", `/repos/acme/open/contents/${file.path}`, { message: "m", content: "eA==" });
    expect(put.status).toBe(404);
    const app = { login: "acme", kind: "installation", permissions: { contents: "write" } } as const;
    expect(await tree(apiClient(box, box.addToken(app)))).toBe(404);
    expect(await tree(apiClient(box, box.addToken({ login: "boss" })))).toBe(201);
    const before = await open.head();
    const oid = await open.commit({ branch: "with-workflow", files: { [file.path]: file.content } });
    await open.commit({ branch: "kept", files: { x: "x" } });
    // A file with the same content at the same path on a branch is allowed.
    expect(await tree(weak)).toBe(201);
    expect((await weak("PATCH", "/repos/acme/open/git/refs/heads/main", { sha: oid })).status).toBe(200);
    expect(await open.head()).not.toBe(before);
  });
});

describe("POST /repos/{owner}/{repo}/git/commits", () => {
  it("verifies commits of an App without custom author, and no others", async () => {
    const app = apiClient(box, box.addToken({ login: "acme", kind: "installation" }));
    const head = await open.head();
    const { tree } = (await app("GET", `/repos/acme/open/git/commits/${head}`)).body;
    const base = { message: "m", tree: tree.sha, parents: [head] };
    const own = await app("POST", "/repos/acme/open/git/commits", base);
    expect(own.body.verification).toMatchObject({ verified: true, reason: "valid" });
    expect(own.body.author.name).toBe("box-app[bot]");
    const author = { name: "Ann", email: "ann@example.com" };
    const named = await app("POST", "/repos/acme/open/git/commits", { ...base, author });
    expect(named.body.verification).toMatchObject({ verified: false, reason: "unsigned" });
    const user = apiClient(box, box.addToken({ login: "boss" }));
    expect((await user("POST", "/repos/acme/open/git/commits", base)).body.verification.verified).toBe(false);
    const signature = "-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----";
    const signed = await user("POST", "/repos/acme/open/git/commits", { ...base, signature });
    expect(signed.body.verification).toMatchObject({ verified: false, reason: "unknown_key", signature });
    const ref = await user("POST", "/repos/acme/open/git/refs", { ref: "refs/heads/signed", sha: signed.body.sha });
    expect(ref.status).toBe(201);
  });
});

describe("git push", () => {
  it("changes nothing when the client disconnects during a push", async () => {
    const server = await box.listen();
    const before = await open.head();
    const credentials = Buffer.from(`x:${box.addToken({ login: "boss" })}`).toString("base64");
    await new Promise<void>((resolve) => {
      const push = request(`${server.url}/acme/open.git/git-receive-pack`, {
        method: "POST",
        headers: {
          authorization: `Basic ${credentials}`,
          "content-type": "application/x-git-receive-pack-request",
        },
      });
      push.on("error", () => resolve());
      const line = `${before} ${"1".repeat(40)} refs/heads/main\0report-status\n`;
      push.write(`${(line.length + 4).toString(16).padStart(4, "0")}${line}0000PACK\0\0\0\x02\0\0\0\x05`, () =>
        push.destroy(),
      );
      push.on("close", () => resolve());
    });
    expect(await open.head()).toBe(before);
    expect((await apiClient(box)("GET", "/repos/acme/open/git/ref/heads/main")).status).toBe(200);
    await server.close();
  });
});
