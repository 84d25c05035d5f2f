import assert from "node:assert/strict";
import * as z from "zod";
import { contractCase } from "../contract-case.js";
import { historySchema, metricsSchema, neverSyncedSchema, projectStatusSchema, wireUserId } from "../responses.js";
import { conflictingProject, syncedProject, syncOnce } from "../synced-scene.js";

/** User ids with their form on the wire. */
const USER_IDS: readonly (readonly [id: string, what: string])[] = [
  [String(2_000_000_000 + Math.floor(Math.random() * 1_000_000_000)), "a canonical integer"],
  ["9007199254740993", "an unsafe integer"],
  [`00${Math.floor(Math.random() * 1_000_000_000)}`, "an integer with leading zeros"],
  [`1e${Math.floor(Math.random() * 1_000_000_000)}`, "a number in exponent notation"],
];

/** `GET /sync/history/{project_id}`, `GET /sync/status/{project_id}` and `GET /sync/metrics`. */
export const syncHistoryCases = [
  contractCase("GET /sync/history returns an empty history for a project without syncs", async (scene) => {
    const user = await scene.user();
    await user.write({ "a.tf": "a\n" });
    assert.deepEqual((await user.get(`/sync/history/${user.projectId}`)).ok(historySchema), {
      project_id: user.projectId,
      repository_full_name: "",
      sync_records: [],
      total_syncs: 0,
      last_successful_sync: null,
      current_status: "pending",
      next_cursor: null,
    });
  }),

  contractCase("GET /sync/history returns one record per sync, newest first", async (scene) => {
    const { user, repository } = await conflictingProject(scene);
    const failed = await syncOnce(user, repository);
    const last = await syncOnce(user, repository, { conflict_strategy: "ours" });
    const history = (await user.get(`/sync/history/${user.projectId}`)).ok(historySchema);
    assert.deepEqual(
      [history.project_id, history.repository_full_name, history.total_syncs, history.current_status],
      [user.projectId, repository.fullName, 3, "completed"],
    );
    assert.deepEqual(
      history.sync_records.map(({ sync_status }) => sync_status),
      ["completed", "failed", "completed"],
    );
    assert.deepEqual(
      history.sync_records.slice(0, 2).map(({ id }) => String(id)),
      [last.sync_id, failed.sync_id],
    );
    const [newest, conflicted] = history.sync_records;
    const { id, created_at, updated_at, last_sync_at, duration_seconds, ...rest } = newest ?? {};
    assert.deepEqual(rest, {
      project_id: user.projectId,
      user_id: wireUserId(user.userId),
      github_repository: repository.fullName,
      sync_status: "completed",
      last_commit_sha: last.commit_sha,
      sync_errors: null,
      branch: "main",
      files_synced: 1,
      files_deleted: 0,
      conflicts_resolved: 1,
      retry_count: 0,
      error_code: null,
      direction: "push",
      files_pulled: 0,
      files_removed: 0,
      files_kept: 0,
      writer: "graphql",
      plan_hash: null,
      notes: [],
    });
    assert.equal(conflicted?.error_code, "conflicts");
    assert.ok(typeof duration_seconds === "number");
    assert.notEqual(last_sync_at, null);
    assert.equal(conflicted?.sync_errors, failed.error_message);
    assert.equal(conflicted?.last_commit_sha, null);
    assert.notEqual(history.last_successful_sync, null);
  }),

  contractCase("GET /sync/history returns pages with a cursor", async (scene) => {
    const { user, repository } = await syncedProject(scene, { "a.tf": "a\n" });
    for (let again = 0; again < 4; again += 1) await syncOnce(user, repository);
    const path = `/sync/history/${user.projectId}?limit=2`;
    const ids: number[] = [];
    let cursor: string | null = "";
    for (let page = 0; cursor !== null; page += 1) {
      assert.ok(page < 3, "paging ends");
      const query: string = cursor === "" ? path : `${path}&cursor=${encodeURIComponent(cursor)}`;
      const history = (await user.get(query)).ok(historySchema);
      assert.equal(history.total_syncs, 5);
      assert.equal(history.sync_records.length, page === 2 ? 1 : 2);
      ids.push(...history.sync_records.map(({ id }) => id));
      cursor = history.next_cursor;
    }
    assert.deepEqual(
      ids,
      [...new Set(ids)].sort((one, other) => other - one),
    );
    assert.equal(ids.length, 5);
  }),

  contractCase(
    "GET /sync/history returns 50 records by default and 422 for an invalid limit or cursor",
    async (scene) => {
      const { user, repository } = await syncedProject(scene, { "a.tf": "a\n" });
      for (let again = 0; again < 50; again += 1) await syncOnce(user, repository);
      const path = `/sync/history/${user.projectId}`;
      const history = (await user.get(path)).ok(historySchema);
      assert.deepEqual([history.sync_records.length, history.total_syncs], [50, 51]);
      assert.notEqual(history.next_cursor, null);
      for (const limit of ["0", "-1", "1.5", "many"]) (await user.get(`${path}?limit=${limit}`)).refuses("limit");
      (await user.get(`${path}?cursor=made-up`)).fails(422);
      (await user.get(`${path}?repository_full_name=no-slash`)).refuses("repository_full_name");
    },
  ),

  contractCase("GET /sync/history and /sync/status filter by repository_full_name", async (scene) => {
    const { user, repository } = await syncedProject(scene, { "a.tf": "a\n" });
    const second = await scene.repository(user.login);
    await syncOnce(user, second);
    await syncOnce(user, second);
    for (const [{ fullName }, total] of [
      [repository, 1],
      [second, 2],
    ] as const) {
      const query = `repository_full_name=${encodeURIComponent(fullName)}`;
      const history = (await user.get(`/sync/history/${user.projectId}?${query}`)).ok(historySchema);
      assert.deepEqual([history.total_syncs, history.repository_full_name], [total, fullName]);
      const status = (await user.get(`/sync/status/${user.projectId}?${query}`)).ok(projectStatusSchema);
      assert.deepEqual([status.total_syncs, status.repository], [total, fullName]);
    }
    const never = `repository_full_name=${user.login}%2Fnothing-here`;
    assert.equal((await user.get(`/sync/history/${user.projectId}?${never}`)).ok(historySchema).total_syncs, 0);
    (await user.get(`/sync/status/${user.projectId}?${never}`)).ok(neverSyncedSchema);
  }),

  contractCase("GET /sync/status returns never_synced for a project without syncs", async (scene) => {
    const user = await scene.user();
    await user.write({ "a.tf": "a\n" });
    assert.equal((await user.get(`/sync/status/${user.projectId}`)).ok(neverSyncedSchema).project_id, user.projectId);
  }),

  contractCase("GET /sync/status returns the last sync and the last successful one", async (scene) => {
    const { user, repository } = await conflictingProject(scene);
    const failed = await syncOnce(user, repository);
    const status = (await user.get(`/sync/status/${user.projectId}`)).ok(projectStatusSchema);
    assert.deepEqual(
      [status.project_id, status.status, status.repository, status.total_syncs, status.error_message, status.progress],
      [user.projectId, "failed", repository.fullName, 2, failed.error_message, null],
    );
    assert.notEqual(status.last_successful_sync, null);
    const done = await syncOnce(user, repository, { conflict_strategy: "ours" });
    const after = (await user.get(`/sync/status/${user.projectId}`)).ok(projectStatusSchema);
    assert.deepEqual([after.status, after.last_commit_sha, after.error_message], ["completed", done.commit_sha, null]);
  }),

  contractCase(
    "GET /sync/history and /sync/status return 404 for missing projects and projects of other users",
    async (scene) => {
      const [{ user }, other] = [await syncedProject(scene, { "a.tf": "a\n" }), await scene.user()];
      await user.write({ "b.tf": "b\n" }, "theirs");
      for (const path of ["/sync/history", "/sync/status"]) {
        const foreign = (await other.get(`${path}/theirs`)).fails(404, "project_not_found");
        const absent = (await other.get(`${path}/nothing-here`)).fails(404, "project_not_found");
        assert.equal(foreign.detail, absent.detail, "the responses are the same for both");
      }
    },
  ),

  contractCase("GET /sync/history and /sync/status reject ids that lead to another folder", async (scene) => {
    const { user } = await syncedProject(scene, { "a.tf": "a\n" });
    for (const id of ["..", "%2e%2e", "..%2Fnetwork", "a%2Fb", "a%5Cb", "%00", ".", "x".repeat(300), "%ff", "%"]) {
      for (const path of ["/sync/history", "/sync/status"]) {
        const { status } = await user.get(`${path}/${id}`);
        assert.ok([400, 404, 422].includes(status), `${path}/${id} returned ${status}`);
      }
    }
  }),

  contractCase("GET /sync/history and /sync/status find projects with unusual names", async (scene) => {
    const user = await scene.user();
    for (const id of ["two words", "100% done", "a+b&c=d#e?", "K\u00e4se", "\u{1f600}", "__proto__"]) {
      await user.write({ "a.tf": "a\n" }, id);
      for (const path of ["/sync/history", "/sync/status"]) {
        const response = await user.get(`${path}/${encodeURIComponent(id)}`);
        assert.equal(response.ok(z.looseObject({ project_id: z.string() })).project_id, id);
      }
    }
  }),

  contractCase("GET /sync/metrics returns zero and null for a user without syncs", async (scene) => {
    const user = await scene.user();
    assert.deepEqual((await user.get("/sync/metrics")).ok(metricsSchema), {
      user_id: wireUserId(user.userId),
      total_syncs: 0,
      successful_syncs: 0,
      failed_syncs: 0,
      total_files_synced: 0,
      total_conflicts_resolved: 0,
      average_sync_duration: null,
      last_sync_at: null,
      connected_repositories: 0,
    });
  }),

  contractCase("GET /sync/metrics returns totals over the user's own syncs", async (scene) => {
    const { user, repository } = await conflictingProject(scene);
    await syncOnce(user, repository);
    await syncOnce(user, repository, { conflict_strategy: "ours" });
    await syncOnce(user, await scene.repository(user.login));
    const { average_sync_duration, last_sync_at, ...sums } = (await user.get("/sync/metrics")).ok(metricsSchema);
    assert.deepEqual(sums, {
      user_id: wireUserId(user.userId),
      total_syncs: 4,
      successful_syncs: 3,
      failed_syncs: 1,
      total_files_synced: 3,
      total_conflicts_resolved: 1,
      connected_repositories: 2,
    });
    assert.ok(average_sync_duration !== null && last_sync_at !== null);
  }),

  ...USER_IDS.map(([userId, what]) =>
    contractCase(`GET /sync/metrics shows the user id as it is: ${what}`, async (scene) => {
      const user = await scene.user(userId);
      assert.equal((await user.get("/sync/metrics")).ok(metricsSchema).user_id, wireUserId(userId));
    }),
  ),
];
