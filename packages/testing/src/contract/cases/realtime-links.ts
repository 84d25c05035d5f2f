import assert from "node:assert/strict";
import { contractCase } from "../contract-case.js";
import { linkedScene } from "../linked-scene.js";
import { listening } from "../listening.js";

/** `/ws`: changes of linked branches and projects. */
export const realtimeLinkCases = [
  contractCase(
    "/ws sends the move of a linked branch, the change of the project, and the sync's end",
    async (scene) => {
      const { user, repository } = await linkedScene(scene, { "a.tf": "a\n" });
      await listening(
        scene,
        user,
        async (listener) => {
          const start = await listener.untilType("subscription_confirmed");
          const head = await repository.commit({ files: { "b.tf": "b\n" } });
          const moved = await listener.untilType("github_repository_changed");
          assert.deepEqual(moved.data, {
            ...{ project_id: "network", repository_full_name: repository.fullName },
            ...{ branch: "main", commit_sha: head },
          });
          const end = await listener.untilType("github_sync_completed");
          const { sync_id } = end.data;
          const change = { project_id: "network", sync_id, files_pulled: 2, files_removed: 0 };
          const types = listener.messages.map(({ type }) => type);
          assert.equal(types.indexOf("github_project_changed"), types.indexOf("github_sync_completed") - 1);
          assert.deepEqual((await listener.untilType("github_project_changed")).data, change);
          const after = { project_id: "network", after: start.cursor };
          listener.messages.splice(0);
          await listening(scene, user, async (late) => {
            late.send({ action: "subscribe_project", data: after });
            await late.untilType("github_sync_completed");
            assert.deepEqual((await late.untilType("github_project_changed")).data, change);
          });
        },
        ["network"],
      );
    },
  ),
];
