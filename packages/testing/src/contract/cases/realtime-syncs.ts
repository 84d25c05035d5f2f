import assert from "node:assert/strict";
import * as z from "zod";
import { contractCase } from "../contract-case.js";
import type { HostMessage, Listener } from "../listener.js";
import { listening } from "../listening.js";
import { progressSchema, syncSchema } from "../responses.js";
import { conflictingProject, syncedProject, syncOnce } from "../synced-scene.js";

const endSchema = syncSchema.extend({ project_id: z.string().min(1) });

/** `/ws`: the messages about syncs. */
export const realtimeSyncCases = [
  contractCase("/ws sends a sync's progress and the same result as the endpoint", async (scene) => {
    const { user, repository } = await syncedProject(scene, {});
    await user.write({ "a.tf": "a\n", "b.tf": "b\n" });
    await following(scene, user, async (listener) => {
      const { created_at, ...response } = await syncOnce(user, repository);
      const end = endSchema.parse((await listener.untilType("github_sync_completed")).data);
      assert.deepEqual(end, { ...response, created_at, project_id: user.projectId });
      const progress = progressIn(listener);
      assert.deepEqual([progress[0]?.progress_percentage, progress.at(-1)?.progress_percentage], [0, 100]);
      for (const update of progress) {
        assert.deepEqual(
          [update.sync_id, update.project_id, update.repository_full_name, update.branch],
          [response.sync_id, user.projectId, repository.fullName, "main"],
        );
      }
    });
  }),

  contractCase("/ws sends github_sync_failed for conflicts and the messages of a retry", async (scene) => {
    const { user, repository } = await conflictingProject(scene);
    await following(scene, user, async (listener) => {
      const { sync_id } = await syncOnce(user, repository);
      const failed = endSchema.parse((await listener.untilType("github_sync_failed")).data);
      assert.deepEqual([failed.sync_id, failed.status, failed.commit_sha], [sync_id, "failed", null]);
      assert.deepEqual(
        failed.conflicts.map(({ file_path }) => file_path),
        ["a.tf"],
      );
      assert.match(failed.error_message ?? "", /a\.tf/);
      await user.write({ "a.tf": "theirs\n" });
      (await user.post("/sync/retry", { sync_record_id: Number(sync_id) })).ok(syncSchema);
      const completed = endSchema.parse((await listener.untilType("github_sync_completed")).data);
      assert.equal(completed.sync_id, sync_id);
    });
  }),

  contractCase("/ws sends the latest progress on subscribing and on reconnecting during a sync", async (scene) => {
    const { user, repository } = await syncedProject(scene, {});
    await user.write({ "a.tf": "a\n" });
    const writes = scene.holdWrites(user.login);
    const { sync_id } = await syncOnce(user, repository, { wait: 0 });
    await writes.held;
    let reached = 0;
    for (let time = 0; time < 2; time += 1) {
      await following(scene, user, async (listener) => {
        const [, latest] = await listener.count(2);
        const update = progressSchema.parse(latest?.data);
        assert.deepEqual(
          [latest?.type, update.sync_id, update.status],
          ["github_sync_progress", sync_id, "in_progress"],
        );
        assert.ok(update.progress_percentage > 0 && update.progress_percentage >= reached);
        reached = update.progress_percentage;
        if (time === 0) return;
        writes.release();
        await listener.untilType("github_sync_completed");
        progressIn(listener);
      });
    }
  }),

  contractCase("/ws sends each user only their own syncs, also for projects with equal names", async (scene) => {
    const [ann, bob] = [await syncedProject(scene, {}), await syncedProject(scene, {})];
    for (const { user } of [ann, bob]) await user.write({ "a.tf": "a\n" });
    await following(scene, ann.user, async (ofAnn) => {
      await following(scene, bob.user, async (ofBob) => {
        const [first, second] = [await syncOnce(ann.user, ann.repository), await syncOnce(bob.user, bob.repository)];
        await ofAnn.untilType("github_sync_completed");
        await ofBob.untilType("github_sync_completed");
        const idsOf = ({ messages }: Listener): unknown[] => [
          ...new Set(messages.slice(1).map(({ data }) => data.sync_id)),
        ];
        assert.deepEqual([idsOf(ofAnn), idsOf(ofBob)], [[first.sync_id], [second.sync_id]]);
      });
    });
  }),
];

/** Subscribes a user to the project and waits for the confirmation. */
function following(
  scene: Parameters<typeof listening>[0],
  user: Parameters<typeof listening>[1],
  test: (listener: Listener) => Promise<void>,
): Promise<void> {
  const run = async (listener: Listener): Promise<void> => {
    await listener.untilType("subscription_confirmed");
    await test(listener);
  };
  return listening(scene, user, run, [user.projectId]);
}

/** Returns the progress messages of a sync, after asserting their shape and that the percentage never falls. */
function progressIn({ messages }: Listener): readonly z.infer<typeof progressSchema>[] {
  const isProgress = ({ type }: HostMessage): boolean => type === "github_sync_progress";
  const progress = messages.filter(isProgress).map(({ data }) => progressSchema.parse(data));
  const percentages = progress.map(({ progress_percentage }) => progress_percentage);
  assert.deepEqual(
    percentages,
    [...percentages].sort((a, b) => a - b),
  );
  return progress;
}
