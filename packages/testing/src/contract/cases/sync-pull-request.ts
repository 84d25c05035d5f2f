import assert from "node:assert/strict";
import type { BoxRepository } from "../../github/repositories/repository.js";
import { contractCase } from "../contract-case.js";
import { planSchema } from "../responses.js";
import { projectIn, syncedProject, syncOnce } from "../synced-scene.js";

const PROPOSAL = { conflict_strategy: "pull_request" };

/** Pull requests that syncs open, and the field with their options. */
export const syncPullRequestCases = [
  contractCase("POST /sync/project opens a pull request with the options of pull_request", async (scene) => {
    const { user, repository } = await syncedProject(scene, { "a.tf": "one\n" });
    const reviewer = scene.name("reviewer");
    scene.box.addUser({ login: reviewer });
    repository.setPermission(reviewer, "write");
    await user.write({ "a.tf": "two\n" });
    const pull_request = {
      title: "Grow the network",
      body: "As discussed.",
      labels: ["infra"],
      reviewers: [reviewer, "unknown-login"],
      draft: true,
    };
    const plan = (await user.post("/sync/plan", { ...projectIn(repository), ...PROPOSAL, pull_request })).ok(
      planSchema,
    );
    assert.equal(plan.changes.length, 1);
    const sync = await syncOnce(user, repository, { ...PROPOSAL, pull_request });
    assert.equal(sync.status, "completed");
    assert.match(sync.pull_request_url ?? "", /\/pull\/1$/);
    assert.match(sync.notes.join(), /unknown-login/);
    const pull = onlyPull(repository);
    assert.deepEqual([pull.title, pull.body, pull.draft], ["Grow the network", "As discussed.", true]);
    assert.deepEqual(
      [...pull.labels].map(({ name }) => name),
      ["infra"],
    );
    assert.deepEqual(
      [...pull.requestedReviewers].map(({ login }) => login),
      [reviewer],
    );
  }),

  contractCase("POST /sync/project describes the sync in a pull request without options", async (scene) => {
    const { user, repository } = await syncedProject(scene, { "a.tf": "one\n" });
    await user.write({ "a.tf": "two\n", "b.tf": "new\n" });
    const options = { title: " ", body: null, labels: null, reviewers: null, draft: null };
    const sync = await syncOnce(user, repository, {
      ...PROPOSAL,
      commit_message: "Grow the network",
      pull_request: options,
    });
    const pull = onlyPull(repository);
    assert.deepEqual([pull.title, pull.draft], ["Grow the network", false]);
    assert.match(pull.body ?? "", new RegExp(`Sync ${sync.sync_id} `));
    assert.match(pull.body ?? "", /Added 1, updated 1 and deleted 0 files\./);
  }),

  contractCase("POST /sync/project returns 422 for pull_request without the strategy that opens one", async (scene) => {
    const { user, repository } = await syncedProject(scene, {});
    const body = { ...projectIn(repository), pull_request: { title: "Grow" } };
    const { detail } = (await user.post("/sync/project", body)).refuses("pull_request");
    assert.match(detail, /`pull_request`.*`conflict_strategy`/);
  }),

  contractCase("POST /sync/project returns 422 for options of pull_request beyond GitHub's limits", async (scene) => {
    const { user, repository } = await syncedProject(scene, {});
    const wrong: Readonly<Record<string, unknown>> = {
      "pull_request.title": { title: "x".repeat(257) },
      "pull_request.body": { body: "x".repeat(65_537) },
      "pull_request.labels": { labels: Array.from({ length: 101 }, String) },
      "pull_request.labels.0": { labels: ["x".repeat(51)] },
      "pull_request.reviewers": { reviewers: Array.from({ length: 16 }, (_, index) => `user${index}`) },
      "pull_request.reviewers.0": { reviewers: ["a b"] },
      "pull_request.draft": { draft: "yes" },
      pull_request: "yes",
    };
    for (const [field, pull_request] of Object.entries(wrong)) {
      (await user.post("/sync/project", { ...projectIn(repository), ...PROPOSAL, pull_request })).refuses(field);
    }
  }),
];

function onlyPull({ pulls }: BoxRepository): BoxRepository["pulls"][number] {
  const [pull] = pulls;
  assert.ok(pull !== undefined && pulls.length === 1);
  return pull;
}
