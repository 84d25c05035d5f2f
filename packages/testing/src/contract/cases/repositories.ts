import assert from "node:assert/strict";
import { contractCase } from "../contract-case.js";
import { repositoryListSchema, repositorySchema } from "../responses.js";

const LIST = "GET /user/repos";

/** `GET /repositories` and `GET /repositories/{owner}/{repo}`. */
export const repositoryCases = [
  contractCase("GET /repositories returns page 1 with 30 repositories by default", async (scene) => {
    const user = await scene.connected();
    const repository = await scene.repository(user.login);
    const list = (await user.get("/repositories")).ok(repositoryListSchema);
    assert.deepEqual([list.page, list.per_page, list.total_count], [1, 30, 1]);
    assert.deepEqual(
      list.repositories.map(({ full_name }) => full_name),
      [repository.fullName],
    );
  }),

  contractCase("GET /repositories returns the total count without reading every page", async (scene) => {
    const user = await scene.connected();
    for (let made = 0; made < 5; made += 1) await scene.repository(user.login);
    const before = scene.box.count(LIST);
    const first = (await user.get("/repositories?per_page=1")).ok(repositoryListSchema);
    assert.deepEqual([first.total_count, first.repositories.length, first.per_page], [5, 1, 1]);
    assert.ok(scene.box.count(LIST) - before <= 2, "the total comes from the number of the last page");
    const third = (await user.get("/repositories?page=3&per_page=2")).ok(repositoryListSchema);
    assert.deepEqual([third.total_count, third.repositories.length, third.page, third.per_page], [5, 1, 3, 2]);
    const beyond = (await user.get("/repositories?page=9&per_page=100")).ok(repositoryListSchema);
    assert.deepEqual([beyond.total_count, beyond.repositories.length], [5, 0]);
  }),

  contractCase("GET /repositories returns every repository once over all pages", async (scene) => {
    const user = await scene.connected();
    const made: string[] = [];
    for (let count = 0; count < 5; count += 1) made.push((await scene.repository(user.login)).fullName);
    const seen: string[] = [];
    for (const page of [1, 2, 3]) {
      const list = (await user.get(`/repositories?page=${page}&per_page=2`)).ok(repositoryListSchema);
      seen.push(...list.repositories.map(({ full_name }) => full_name));
    }
    assert.deepEqual(seen.sort(), made.sort());
  }),

  contractCase("GET /repositories returns an empty list for an account without repositories", async (scene) => {
    const list = (await (await scene.connected()).get("/repositories")).ok(repositoryListSchema);
    assert.deepEqual([list.repositories, list.total_count], [[], 0]);
  }),

  contractCase("GET /repositories returns 422 for page and per_page outside their limits", async (scene) => {
    const user = await scene.connected();
    for (const value of ["0", "-1", "1.5", "abc", "", "1e400"]) {
      (await user.get(`/repositories?page=${value}`)).refuses("page");
      (await user.get(`/repositories?per_page=${value}`)).refuses("per_page");
    }
    (await user.get("/repositories?per_page=101")).refuses("per_page");
    (await user.get("/repositories?per_page=100")).ok(repositoryListSchema);
  }),

  contractCase("GET /repositories returns 400 for a user who is not connected", async (scene) => {
    (await (await scene.user()).get("/repositories")).fails(400, "github_not_connected");
  }),

  contractCase("GET /repositories/{owner}/{repo} returns the repository", async (scene) => {
    const user = await scene.connected();
    const made = await scene.repository(user.login, { "main.tf": "# main" });
    const found = (await user.get(`/repositories/${made.fullName}`)).ok(repositorySchema);
    assert.deepEqual(
      [found.id, found.name, found.full_name, found.private, found.default_branch, found.owner.login],
      [made.id, made.name, made.fullName, true, "main", user.login],
    );
    assert.equal(found.description, null);
    assert.deepEqual([found.permissions?.pull, found.permissions?.push, found.permissions?.admin], [true, true, true]);
    assert.match(found.clone_url, /\.git$/);
    assert.notEqual(found.created_at, null);
    const [listed] = (await user.get("/repositories")).ok(repositoryListSchema).repositories;
    assert.deepEqual(Object.keys(listed ?? {}).sort(), Object.keys(found).sort());
  }),

  contractCase("GET /repositories/{owner}/{repo} returns the user's permissions", async (scene) => {
    const [user, other] = [await scene.connected(), await scene.user()];
    const { fullName } = await scene.repository(other.login, {}, { private: false });
    const { permissions } = (await user.get(`/repositories/${fullName}`)).ok(repositorySchema);
    assert.deepEqual([permissions?.pull, permissions?.push], [true, false]);
  }),

  contractCase(
    "GET /repositories/{owner}/{repo} returns 404 for a missing repository and for a private one of another user",
    async (scene) => {
      const [user, other] = [await scene.connected(), await scene.user()];
      const { fullName } = await scene.repository(other.login);
      const absent = (await user.get(`/repositories/${user.login}/nothing-here`)).fails(404, "repository_not_found");
      const foreign = (await user.get(`/repositories/${fullName}`)).fails(404, "repository_not_found");
      assert.equal(foreign.detail, absent.detail, "the responses are the same for both");
    },
  ),

  contractCase("GET /repositories/{owner}/{repo} sends GitHub only requests for a repository", async (scene) => {
    const user = await scene.connected();
    const before = scene.box.requests.length;
    for (const path of [
      "..%2F..%2Fuser/x",
      "x/..%2F..%2Fuser",
      "a%20b/c",
      "x/..",
      "x/%2e%2e",
      `${"x".repeat(101)}/y`,
    ]) {
      const { status } = await user.get(`/repositories/${path}`);
      assert.ok(status === 404 || status === 422, `${path} returned ${status}`);
    }
    const asked = scene.box.requests.slice(before).map(({ path }) => path);
    assert.deepEqual(
      asked.filter((path) => path.endsWith("/user")),
      [],
    );
  }),

  contractCase("GET /repositories/{owner}/{repo} returns 400 for a user who is not connected", async (scene) => {
    (await (await scene.user()).get("/repositories/octo/repo")).fails(400, "github_not_connected");
  }),
];
