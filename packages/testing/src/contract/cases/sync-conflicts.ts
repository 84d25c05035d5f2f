import assert from "node:assert/strict";
import type { BoxRepository } from "../../github/repositories/repository.js";
import { contractCase } from "../contract-case.js";
import type { Person } from "../person.js";
import { conflictContentSchema, conflictListSchema, planSchema, resolvedSchema } from "../responses.js";
import { conflictingProject, projectIn, syncedProject, syncOnce, textFiles } from "../synced-scene.js";

const ZEROS = "0".repeat(40);
const MEBIBYTE = 1024 * 1024;
const lines = (first: string, last: string): string => [first, "2", "3", "4", "5", last, ""].join("\n");

/** The endpoints that list, read and resolve conflicts. */
export const syncConflictCases = [
  contractCase(
    "GET /sync/conflicts lists the conflicts of the last sync, and its contents are readable",
    async (scene) => {
      const { user, repository } = await conflictingProject(scene);
      assert.deepEqual(await conflictsOf(user, repository), []);
      const failed = await syncOnce(user, repository);
      assert.equal(failed.error_code, "conflicts");
      const [conflict, ...others] = await conflictsOf(user, repository);
      assert.deepEqual([conflict, others], [failed.conflicts[0], []]);
      const texts = { base: "one\n", ours: "mine\n", theirs: "theirs\n" } as const;
      const shas = { base: conflict?.base_sha, ours: conflict?.ours_sha, theirs: conflict?.existing_sha };
      for (const side of ["base", "ours", "theirs"] as const) {
        const content = await contentOf(user, repository, "a.tf", side);
        const size = texts[side].length;
        const expected = { sha: shas[side], size, encoding: "utf-8", content: texts[side], truncated: false };
        assert.deepEqual(content, { file_path: "a.tf", side, ...expected });
      }
    },
  ),

  contractCase("GET /sync/conflicts leaves out a conflict of which a version has changed", async (scene) => {
    const { user, repository } = await conflictingProject(scene);
    await syncOnce(user, repository);
    await user.write({ "a.tf": "mine again\n" });
    assert.deepEqual(await conflictsOf(user, repository), []);
    await user.write({ "a.tf": "mine\n" });
    assert.equal((await conflictsOf(user, repository)).length, 1);
    await repository.commit({ files: { "a.tf": "theirs again\n" } });
    assert.deepEqual(await conflictsOf(user, repository), []);
  }),

  contractCase("GET /sync/conflicts/content describes missing, large and binary versions", async (scene) => {
    const { user, repository } = await syncedProject(scene, { "deleted.tf": "1\n" });
    const binary = Buffer.from([0, 255, 1]);
    await user.write({ "deleted.tf": null, "large.txt": "x".repeat(MEBIBYTE + 1), "full.txt": "x".repeat(MEBIBYTE) });
    await repository.commit({ files: { "deleted.tf": "2\n", "data.bin": binary } });
    const missing = { sha: null, size: 0, encoding: "utf-8", content: null, truncated: false };
    for (const [path, side] of [
      ["deleted.tf", "ours"],
      ["large.txt", "theirs"],
      ["large.txt", "base"],
      ["never.tf", "ours"],
    ] as const) {
      const content = await contentOf(user, repository, path, side);
      assert.deepEqual(content, { file_path: path, side, ...missing });
    }
    assert.equal((await contentOf(user, repository, "deleted.tf", "base")).content, "1\n");
    const large = await contentOf(user, repository, "large.txt", "ours");
    assert.deepEqual([large.size, large.content, large.truncated], [MEBIBYTE + 1, null, true]);
    const full = await contentOf(user, repository, "full.txt", "ours");
    assert.deepEqual([full.content?.length, full.truncated], [MEBIBYTE, false]);
    const bytes = await contentOf(user, repository, "data.bin", "theirs");
    assert.deepEqual([bytes.encoding, bytes.content, bytes.size], ["base64", binary.toString("base64"), 3]);
  }),

  contractCase("POST /sync/resolve lets the next sync take ours, theirs, or a content", async (scene) => {
    const { user, repository } = await syncedProject(scene, {
      "content.tf": "1\n",
      "ours.tf": "1\n",
      "theirs.tf": "1\n",
    });
    const paths = ["content.tf", "ours.tf", "theirs.tf"];
    await repository.commit({ files: Object.fromEntries(paths.map((path) => [path, "theirs\n"])) });
    await user.write(Object.fromEntries(paths.map((path) => [path, "mine\n"])));
    const stopped = await syncOnce(user, repository, { direction: "two_way" });
    assert.deepEqual([stopped.status, stopped.conflicts.length], ["failed", 3]);
    await resolve(user, repository, "ours.tf", { choice: "ours" });
    await resolve(user, repository, "theirs.tf", { choice: "theirs" });
    const partly = await syncOnce(user, repository, { direction: "two_way" });
    assert.deepEqual([partly.status, partly.files_synced], ["failed", 0]);
    await resolve(user, repository, "content.tf", {
      content: Buffer.from("both\n").toString("base64"),
      encoding: "base64",
    });
    const decided = (await conflictsOf(user, repository)).map(({ resolution_strategy }) => resolution_strategy);
    assert.deepEqual(decided, ["content", "ours", "theirs"]);
    const sync = await syncOnce(user, repository, { direction: "two_way" });
    // The README of the repository is pulled too.
    assert.deepEqual([sync.status, sync.files_synced, sync.files_pulled, sync.files_kept], ["completed", 2, 3, 2]);
    assert.deepEqual(
      sync.conflicts.map(({ file_path, resolution_strategy }) => [file_path, resolution_strategy]),
      [
        ["content.tf", "content"],
        ["ours.tf", "ours"],
        ["theirs.tf", "theirs"],
      ],
    );
    const { "README.md": _readme, ...files } = await textFiles(repository);
    assert.deepEqual(files, { "content.tf": "both\n", "ours.tf": "mine\n", "theirs.tf": "theirs\n" });
    assert.deepEqual(await conflictsOf(user, repository), []);
    const rest = await syncOnce(user, repository, { direction: "two_way" });
    assert.deepEqual([rest.status, rest.files_synced, rest.files_pulled, rest.conflicts], ["completed", 0, 0, []]);
  }),

  contractCase(
    "POST /sync/resolve takes the clean merge where a strategy stops, and refuses one that is not",
    async (scene) => {
      const { user, repository } = await syncedProject(scene, { "clean.tf": lines("1", "6"), "dirty.tf": "1\n" });
      await repository.commit({ files: { "clean.tf": lines("1", "theirs"), "dirty.tf": "theirs\n" } });
      await user.write({ "clean.tf": lines("mine", "6"), "dirty.tf": "mine\n" });
      await syncOnce(user, repository, { conflict_strategy: "fail" });
      await resolve(user, repository, "clean.tf", { choice: "merged" });
      const body = await resolution(user, repository, "dirty.tf");
      (await user.post("/sync/resolve", { ...body, choice: "merged" })).refuses("choice");
      await resolve(user, repository, "dirty.tf", { choice: "ours" });
      const sync = await syncOnce(user, repository, { conflict_strategy: "fail" });
      assert.deepEqual([sync.status, sync.files_synced], ["completed", 2]);
      const files = await textFiles(repository);
      assert.deepEqual([files["clean.tf"], files["dirty.tf"]], [lines("mine", "theirs"), "mine\n"]);
      const plan = (await user.post("/sync/plan", projectIn(repository))).ok(planSchema);
      assert.deepEqual([plan.changes, plan.conflicts], [[], []]);
    },
  ),

  contractCase("POST /sync/resolve keeps or drops a file that one side deleted", async (scene) => {
    const { user, repository } = await syncedProject(scene, { "here.tf": "1\n", "there.tf": "1\n" });
    await repository.commit({ files: { "here.tf": "theirs\n", "there.tf": null } });
    await user.write({ "here.tf": null, "there.tf": "mine\n" });
    await syncOnce(user, repository, { conflict_strategy: "fail", direction: "two_way" });
    const [here, there] = await conflictsOf(user, repository);
    assert.deepEqual([here?.ours_sha, there?.existing_sha], [null, null]);
    await resolve(user, repository, "here.tf", { choice: "ours" });
    await resolve(user, repository, "there.tf", { content: "both\n" });
    const sync = await syncOnce(user, repository, { conflict_strategy: "fail", direction: "two_way" });
    assert.deepEqual([sync.status, sync.files_synced, sync.files_deleted], ["completed", 1, 1]);
    const { "README.md": _readme, ...files } = await textFiles(repository);
    assert.deepEqual(files, { "there.tf": "both\n" });
  }),

  contractCase("POST /sync/resolve fails with resolution_stale for a version that is not there", async (scene) => {
    const { user, repository } = await conflictingProject(scene);
    await syncOnce(user, repository);
    const body = { ...(await resolution(user, repository, "a.tf")), choice: "ours" };
    for (const wrong of [{ ours_sha: ZEROS }, { theirs_sha: ZEROS }, { ours_sha: null }, { theirs_sha: null }]) {
      (await user.post("/sync/resolve", { ...body, ...wrong })).fails(422, "resolution_stale");
    }
    (await user.post("/sync/resolve", body)).ok(resolvedSchema);
    await user.write({ "a.tf": "mine again\n" });
    (await user.post("/sync/resolve", body)).fails(422, "resolution_stale");
    const sync = await syncOnce(user, repository);
    assert.deepEqual([sync.status, sync.notes.length], ["failed", 1]);
    assert.equal((await textFiles(repository))["a.tf"], "theirs\n");
  }),

  contractCase("POST /sync/resolve returns 422 for invalid fields and for a file without a conflict", async (scene) => {
    const { user, repository } = await syncedProject(scene, { "a.tf": "one\n" });
    const { oid } = (await repository.files()).get("a.tf") ?? {};
    const body = { ...projectIn(repository), file_path: "a.tf", ours_sha: oid, theirs_sha: oid };
    (await user.post("/sync/resolve", { ...body, choice: "ours" })).refuses("file_path");
    (await user.post("/sync/resolve", { ...body, choice: "mine" })).refuses("choice");
    (await user.post("/sync/resolve", body)).refuses("choice");
    (await user.post("/sync/resolve", { ...body, choice: "ours", content: "x" })).refuses("content");
    (await user.post("/sync/resolve", { ...body, content: "?", encoding: "base64" })).refuses("content");
    (await user.post("/sync/resolve", { ...body, content: "x".repeat(MEBIBYTE + 1) })).refuses("content");
    (await user.post("/sync/resolve", { ...body, choice: "ours", file_path: "../a" })).refuses("file_path");
    (await user.post("/sync/resolve", { ...body, choice: "ours", ours_sha: "x" })).refuses("ours_sha");
    const path = `/sync/conflicts/${user.projectId}/content?${query(repository)}&file_path=a.tf`;
    (await user.get(`${path}&side=mine`)).refuses("side");
    (await user.get(path)).refuses("side");
  }),
];

async function conflictsOf(user: Person, repository: BoxRepository) {
  const path = `/sync/conflicts/${user.projectId}?${query(repository)}`;
  return (await user.get(path)).ok(conflictListSchema).conflicts;
}

async function contentOf(user: Person, repository: BoxRepository, path: string, side: string) {
  const fields = `${query(repository)}&${new URLSearchParams({ file_path: path, side })}`;
  return (await user.get(`/sync/conflicts/${user.projectId}/content?${fields}`)).ok(conflictContentSchema);
}

/** Returns the fields of a request that resolves a listed conflict. */
async function resolution(user: Person, repository: BoxRepository, path: string) {
  const conflict = (await conflictsOf(user, repository)).find(({ file_path }) => file_path === path);
  const { ours_sha, existing_sha: theirs_sha } = conflict ?? {};
  return { ...projectIn(repository), file_path: path, ours_sha, theirs_sha };
}

async function resolve(user: Person, repository: BoxRepository, path: string, decision: object): Promise<void> {
  const body = { ...(await resolution(user, repository, path)), ...decision };
  const answer = (await user.post("/sync/resolve", body)).ok(resolvedSchema);
  assert.deepEqual(answer, { resolved: true, file_path: path });
}

function query({ fullName }: BoxRepository): string {
  return new URLSearchParams({ repository_full_name: fullName }).toString();
}
