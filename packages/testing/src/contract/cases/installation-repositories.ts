import assert from "node:assert/strict";
import { appRepositoryListSchema } from "../app-responses.js";
import { contractCase } from "../contract-case.js";

/** `GET /installations/{installation_id}/repositories`. */
export const installationRepositoryCases = [
  contractCase("GET /installations/{installation_id}/repositories lists its repositories in pages", async (scene) => {
    const { owner, account, repository, installation } = await scene.installation();
    const other = await scene.repository(account);
    const path = `/installations/${installation.id}/repositories`;
    const all = (await owner.get(path)).ok(appRepositoryListSchema);
    assert.deepEqual([all.total_count, all.page, all.per_page], [2, 1, 30]);
    const names = all.repositories.map(({ full_name }) => full_name);
    assert.deepEqual([...names].sort(), [repository.fullName, other.fullName].sort());
    const second = (await owner.get(`${path}?per_page=1&page=2`)).ok(appRepositoryListSchema);
    assert.deepEqual([second.total_count, second.page, second.per_page], [2, 2, 1]);
    assert.deepEqual(
      second.repositories.map(({ full_name }) => full_name),
      names.slice(1),
    );
  }),

  contractCase("GET /installations/{installation_id}/repositories returns 403 to other users", async (scene) => {
    const { installation } = await scene.installation();
    for (const user of [await scene.connected("app"), await scene.connected(), await scene.user()]) {
      const path = `/installations/${installation.id}/repositories`;
      (await user.get(path)).fails(403, "installation_not_yours");
    }
    const user = await scene.connected("app");
    (await user.get("/installations/999999999/repositories")).fails(403, "installation_not_yours");
  }),

  contractCase(
    "GET /installations/{installation_id}/repositories returns 422 for invalid parameters",
    async (scene) => {
      const { owner, installation } = await scene.installation();
      (await owner.get("/installations/one/repositories")).refuses("installation_id");
      (await owner.get(`/installations/${installation.id}/repositories?page=0`)).refuses("page");
      (await owner.get(`/installations/${installation.id}/repositories?per_page=101`)).refuses("per_page");
    },
  ),
];
