import assert from "node:assert/strict";
import { contractCase } from "../contract-case.js";
import { branchListSchema } from "../responses.js";

/** `GET /repositories/{owner}/{repo}/branches`. */
export const branchCases = [
  contractCase("GET /repositories/{owner}/{repo}/branches lists branches in pages", async (scene) => {
    const user = await scene.connected();
    const repository = await scene.repository(user.login);
    for (const branch of ["dev", "feature/a"]) await repository.commit({ branch, files: { "a.tf": branch } });
    const path = `/repositories/${repository.fullName}/branches`;
    const all = (await user.get(path)).ok(branchListSchema);
    assert.deepEqual([all.page, all.per_page, all.has_more], [1, 30, false]);
    assert.deepEqual(
      all.branches.map(({ name }) => name),
      ["dev", "feature/a", "main"],
    );
    for (const { name, commit_sha } of all.branches) assert.equal(commit_sha, await repository.head(name));
    const first = (await user.get(`${path}?per_page=2`)).ok(branchListSchema);
    const second = (await user.get(`${path}?per_page=2&page=2`)).ok(branchListSchema);
    assert.deepEqual([first.has_more, second.has_more, second.page], [true, false, 2]);
    assert.deepEqual([...first.branches, ...second.branches], all.branches);
  }),

  contractCase("GET /repositories/{owner}/{repo}/branches searches names regardless of case", async (scene) => {
    const user = await scene.connected();
    const repository = await scene.repository(user.login);
    for (const branch of ["dev", "feature/Network", "feature/network-2"]) {
      await repository.commit({ branch, files: { "a.tf": branch } });
    }
    const path = `/repositories/${repository.fullName}/branches?search=NETWORK`;
    const names = async (query: string): Promise<readonly [readonly string[], boolean]> => {
      const { branches, has_more } = (await user.get(`${path}${query}`)).ok(branchListSchema);
      return [branches.map(({ name }) => name), has_more];
    };
    assert.deepEqual(await names(""), [["feature/Network", "feature/network-2"], false]);
    assert.deepEqual(await names("&per_page=1"), [["feature/Network"], true]);
    assert.deepEqual(await names("&per_page=1&page=2"), [["feature/network-2"], false]);
    assert.deepEqual(await names("&page=2"), [[], false]);
  }),

  contractCase(
    "GET /repositories/{owner}/{repo}/branches returns 404, 400 and 422 as other lists do",
    async (scene) => {
      const user = await scene.connected();
      const repository = await scene.repository(user.login);
      const path = `/repositories/${repository.fullName}/branches`;
      (await user.get(`/repositories/${user.login}/missing/branches`)).fails(404, "repository_not_found");
      (await (await scene.connected()).get(path)).fails(404, "repository_not_found");
      (await (await scene.user()).get(path)).fails(400, "github_not_connected");
      (await user.get(`${path}?page=0`)).refuses("page");
      (await user.get(`${path}?per_page=101`)).refuses("per_page");
      (await user.get(`${path}?search=${"x".repeat(245)}`)).refuses("search");
    },
  ),
];
