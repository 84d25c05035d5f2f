import assert from "node:assert/strict";
import {
  type LinkStore,
  MAX_LINK_OPTIONS_BYTES,
  type ProjectLink,
  type ProjectLinkDraft,
} from "@infrajet/github/adapters";
import {
  assertFails,
  type ConformanceCase,
  conformanceCase,
  race,
  rounds,
  type StoreSubject,
  secondStore,
} from "./conformance-case.js";
import { ODD_NAMES, oid, sampleOptions, sampleTarget } from "./samples.js";

const API_URL = "https://api.github.com";
const PROJECT = { userId: "7", projectId: "network" };
const LIMIT = { maxLinks: 100 };

const link = (
  name: string,
  test: (store: LinkStore, subject: StoreSubject<LinkStore>) => Promise<void>,
): ConformanceCase<StoreSubject<LinkStore>> => conformanceCase(name, (subject) => test(subject.store, subject));

/** The conformance cases for a `LinkStore`. */
export const linkStoreConformance: readonly ConformanceCase<StoreSubject<LinkStore>>[] = [
  link("put stores every field of a new link, also for another process", async (store, subject) => {
    for (const [index, name] of ODD_NAMES.entries()) {
      const draft = sample({
        projectId: name,
        target: { branch: name, directory: `${name}/deep`, source: `project:7/${name}`, repositoryId: index + 1 },
        options: sampleOptions({ message: name, pathStrategies: [{ pattern: name, strategy: "theirs" }] }),
        direction: index % 2 === 0 ? "two_way" : "pull",
        auto: index % 3 === 0,
      });
      const stored = await store.put(draft, LIMIT);
      assert.deepEqual(stored, { ...draft, lastSyncId: null, head: null });
      const other = await secondStore(subject);
      assert.deepEqual(await other.ofProject(API_URL, { userId: "7", projectId: name }), [stored]);
    }
  }),

  link("put replaces the link of the same project, repository and branch, and keeps its past", async (store) => {
    const first = sample();
    await store.put(first, LIMIT);
    await store.update(first, { lastSyncId: 12, head: oid("a") });
    const changed = sample({
      target: { directory: "infra" },
      ...{ repository: "octocat/Renamed", direction: "push", auto: false },
      options: sampleOptions({ strategy: "theirs", onConflict: "skip" }),
      createdAt: new Date("2026-04-01T10:00:00.000Z"),
    });
    const replaced = await store.put(changed, { maxLinks: 1 });
    assert.deepEqual(replaced, { ...changed, createdAt: first.createdAt, lastSyncId: 12, head: oid("a") });
    assert.deepEqual(await store.ofProject(API_URL, PROJECT), [replaced]);
  }),

  link("put stores one link when many callers put it at the same time", async (store, subject) => {
    const other = await secondStore(subject);
    await rounds(10, async (round) => {
      const draft = sample({ target: { branch: `branch-${round}` } });
      const stored = await race(8, (caller) =>
        (caller % 2 === 0 ? store : other).put({ ...draft, auto: caller % 3 === 0 }, LIMIT),
      );
      assert.equal(stored.length, 8);
      const links = await store.ofProject(API_URL, PROJECT);
      assert.equal(links.filter(({ target }) => target.branch === `branch-${round}`).length, 1);
    });
  }),

  link("put rejects a new link of a user who has the maximum number of links", async (store, subject) => {
    const other = await secondStore(subject);
    await store.put(sample(), { maxLinks: 2 });
    await other.put(inProject("8", "other"), { maxLinks: 1 });
    await other.put(inProject("7", "second"), { maxLinks: 2 });
    await assertFails(store.put(inProject("7", "third"), { maxLinks: 2 }), "too_many_links");
    assert.deepEqual(await store.ofProject(API_URL, { userId: "7", projectId: "third" }), []);
    await store.put(sample({ auto: false }), { maxLinks: 2 });
    assert.equal(await store.remove(inProject("7", "second")), true);
    await store.put(inProject("7", "third"), { maxLinks: 2 });
  }),

  link("put rejects options that exceed the maximum size", async (store) => {
    const options = sampleOptions({ message: "m".repeat(MAX_LINK_OPTIONS_BYTES) });
    await assertFails(store.put(sample({ options }), LIMIT), "input_too_large");
    assert.deepEqual(await store.ofProject(API_URL, PROJECT), []);
  }),

  link("ofProject returns only the links of one project and one API URL, oldest first", async (store) => {
    const at = (day: number): Date => new Date(Date.UTC(2026, 2, day));
    const second = await store.put(sample({ target: { branch: "second" }, createdAt: at(2) }), LIMIT);
    const first = await store.put(sample({ target: { branch: "first" }, createdAt: at(1) }), LIMIT);
    await store.put(sample({ target: { apiUrl: "https://ghes.example/api/v3" } }), LIMIT);
    for (const [userId, projectId] of [
      ["7", "Network"],
      ["7 ", "network"],
      ["8", "network"],
    ] as const)
      await store.put(inProject(userId, projectId), LIMIT);
    assert.deepEqual(await store.ofProject(API_URL, PROJECT), [first, second]);
  }),

  link("ofBranch returns the links of all projects to exactly one branch, in pages", async (store) => {
    for (const projectId of ["a", "b", "c", "d", "e"]) await store.put(inProject("7", projectId), LIMIT);
    for (const target of [{ branch: "Main" }, { repositoryId: 2 }, { apiUrl: "https://ghes.example/api/v3" }])
      await store.put(sample({ target }), LIMIT);
    const found: ProjectLink[] = [];
    let cursor: string | null = null;
    do {
      const page = await store.ofBranch(sampleTarget(), 2, cursor);
      assert.ok(page.links.length <= 2);
      found.push(...page.links);
      cursor = page.nextCursor;
    } while (cursor !== null);
    assert.deepEqual(found.map(({ projectId }) => projectId).sort(), ["a", "b", "c", "d", "e"]);
    await assertFails(store.ofBranch(sampleTarget(), 2, "no cursor"), "validation_failed");
  }),

  link("automatic returns the links with auto of one API URL, also while others are removed", async (store) => {
    for (const projectId of ["a", "b", "c", "d"]) await store.put(inProject("7", projectId), LIMIT);
    await store.put({ ...inProject("7", "manual"), auto: false }, LIMIT);
    await store.put(sample({ target: { apiUrl: "https://ghes.example/api/v3" } }), LIMIT);
    const first = await store.automatic(API_URL, 2, null);
    assert.equal(first.links.length, 2);
    for (const each of first.links) await store.remove(each);
    const second = await store.automatic(API_URL, 2, first.nextCursor);
    assert.equal(second.nextCursor, null);
    const found = [...first.links, ...second.links].map(({ projectId }) => projectId);
    assert.deepEqual(found.sort(), ["a", "b", "c", "d"]);
  }),

  link("update changes only the given fields, and does not bring a removed link back", async (store, subject) => {
    const draft = sample();
    assert.equal(await store.update(draft, { head: oid("a") }), false);
    await store.put(draft, LIMIT);
    assert.equal(await (await secondStore(subject)).update(draft, { head: oid("a") }), true);
    assert.equal(await store.update(draft, { lastSyncId: 3 }), true);
    assert.deepEqual(await store.ofProject(API_URL, PROJECT), [{ ...draft, lastSyncId: 3, head: oid("a") }]);
    await store.update(draft, { head: null });
    assert.deepEqual(await store.ofProject(API_URL, PROJECT), [{ ...draft, lastSyncId: 3, head: null }]);
    await store.remove(draft);
    assert.equal(await store.update(draft, { lastSyncId: 4 }), false);
    assert.deepEqual(await store.ofProject(API_URL, PROJECT), []);
  }),

  link("remove deletes a link for exactly one of many concurrent callers", async (store, subject) => {
    const other = await secondStore(subject);
    await rounds(10, async () => {
      await store.put(sample(), LIMIT);
      await store.put(sample({ target: { branch: "other" } }), LIMIT);
      const removed = await race(8, (caller) => (caller % 2 === 0 ? store : other).remove(sample()));
      assert.equal(removed.filter((each) => each).length, 1);
      assert.deepEqual(
        (await store.ofProject(API_URL, PROJECT)).map(({ target }) => target.branch),
        ["other"],
      );
    });
  }),

  link("renameRepository and removeRepository change all links to one repository of one API URL", async (store) => {
    await store.put(sample(), LIMIT);
    await store.put(sample({ target: { branch: "other" } }), LIMIT);
    await store.put(sample({ target: { repositoryId: 2 } }), LIMIT);
    const { repositoryId } = sampleTarget();
    assert.equal(await store.renameRepository("https://ghes.example/api/v3", repositoryId, "x/y"), 0);
    assert.equal(await store.renameRepository(API_URL, repositoryId, "octocat/Renamed"), 2);
    const names = (await store.ofProject(API_URL, PROJECT)).map(({ repository }) => repository);
    assert.deepEqual(names.sort(), ["octocat/Hello-World", "octocat/Renamed", "octocat/Renamed"]);
    assert.equal(await store.removeRepository(API_URL, repositoryId), 2);
    assert.equal(await store.removeRepository(API_URL, repositoryId), 0);
    const left = await store.ofProject(API_URL, PROJECT);
    assert.deepEqual(
      left.map(({ target }) => target.repositoryId),
      [2],
    );
  }),
];

type Overrides = Partial<Omit<ProjectLinkDraft, "target">> & { readonly target?: Partial<ProjectLinkDraft["target"]> };

function sample({ target, ...overrides }: Overrides = {}): ProjectLinkDraft {
  return {
    ...PROJECT,
    target: sampleTarget(target),
    repository: "octocat/Hello-World",
    direction: "two_way",
    options: sampleOptions({ onConflict: "skip" }),
    auto: true,
    createdAt: new Date("2026-03-01T10:00:00.123Z"),
    ...overrides,
  };
}

function inProject(userId: string, projectId: string): ProjectLinkDraft {
  return sample({ userId, projectId, target: { source: `project:${userId}/${projectId}` } });
}
