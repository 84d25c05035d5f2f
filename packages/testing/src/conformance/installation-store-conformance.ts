import assert from "node:assert/strict";
import type { InstallationStore } from "@infrajet/github/adapters";
import {
  type ConformanceCase,
  conformanceCase,
  mutate,
  present,
  race,
  rounds,
  type StoreSubject,
  secondStore,
} from "./conformance-case.js";
import { API_URL, at, binding, ENTERPRISE, KEY, repository, sample } from "./installation-samples.js";
import { LARGEST_ID } from "./samples.js";

const installation = (
  name: string,
  test: (store: InstallationStore, subject: StoreSubject<InstallationStore>) => Promise<void>,
): ConformanceCase<StoreSubject<InstallationStore>> => conformanceCase(name, (subject) => test(subject.store, subject));

/** The conformance cases for an `InstallationStore`. */
export const installationStoreConformance: readonly ConformanceCase<StoreSubject<InstallationStore>>[] = [
  installation("Every method returns nothing for an unknown installation", async (store) => {
    assert.equal(await store.find(KEY), null);
    assert.equal(await store.findBinding(KEY, "7"), null);
    assert.deepEqual(await store.bindings(API_URL, "7"), []);
    assert.deepEqual(await store.repositories(KEY, 0, 10), []);
    assert.equal(await store.bind(binding()), false);
    assert.equal(await store.withdraw(KEY, "7", at(9)), false);
    assert.equal(await store.changeRepositories(KEY, [repository(1)], []), false);
    assert.equal(await store.renameRepository(API_URL, 1, "a/b"), 0);
    assert.equal(await store.findBinding(KEY, "7"), null);
  }),

  installation("find returns exactly the saved installation, also in another process", async (store, subject) => {
    assert.equal(await store.save(sample(), at(1)), true);
    assert.deepEqual(await store.find(KEY), sample());
    const changed = sample({ permissions: {}, events: [], repositorySelection: "all", suspendedAt: at(2) });
    assert.equal(await store.save(changed, at(2)), true);
    assert.deepEqual(await (await secondStore(subject)).find(KEY), changed);
  }),

  installation(
    "save and remove keep the reading that started last, in whatever order readings arrive",
    async (store) => {
      await store.save(sample({ events: ["second"] }), at(2));
      assert.equal(await store.save(sample({ events: ["first"] }), at(1)), false);
      assert.deepEqual(present(await store.find(KEY)).events, ["second"]);
      assert.equal(await store.remove(KEY, at(1)), false);
      assert.equal(await store.remove(KEY, at(3)), true);
      assert.equal(await store.find(KEY), null);
      for (const time of [2, 3]) assert.equal(await store.save(sample(), at(time)), false);
      assert.equal(await store.find(KEY), null);
      assert.equal(await store.save(sample(), at(4)), true);
      assert.deepEqual(await store.find(KEY), sample());
    },
  ),

  installation("save rejects an older reading of an unknown installation that was removed", async (store) => {
    assert.equal(await store.remove(KEY, at(2)), true);
    assert.equal(await store.save(sample(), at(1)), false);
    assert.equal(await store.find(KEY), null);
  }),

  installation("save keeps the latest of many concurrent readings", async (store, subject) => {
    const other = await secondStore(subject);
    await rounds(10, async (round) => {
      const installationId = 100 + round;
      const times = [3, 8, 1, 6, 2, 7, 5, 4];
      const kept = await race(times.length, (caller) => {
        const time = times[caller] ?? 0;
        const by = caller % 2 === 0 ? store : other;
        return by.save(sample({ installationId, events: [`${time}`] }), at(time));
      });
      assert.equal(kept[times.indexOf(8)], true);
      assert.deepEqual(present(await store.find({ ...KEY, installationId })).events, ["8"]);
    });
  }),

  installation("find distinguishes installations by API URL and id", async (store) => {
    const keys = [
      KEY,
      { ...KEY, apiUrl: ENTERPRISE },
      { ...KEY, installationId: LARGEST_ID },
      { ...KEY, installationId: LARGEST_ID - 1 },
    ];
    for (const [index, key] of keys.entries()) await store.save(sample({ ...key, appId: index }), at(1));
    for (const [index, key] of keys.entries()) assert.equal(present(await store.find(key)).appId, index);
    await store.bind(binding());
    for (const key of keys.slice(1)) assert.equal(await store.findBinding(key, "7"), null);
  }),

  installation("bind stores the proof and its time and replaces a user's earlier binding", async (store, subject) => {
    await store.save(sample(), at(1));
    const first = binding({ githubUserId: LARGEST_ID, proof: "webhook_sender" });
    assert.equal(await store.bind(first), true);
    assert.deepEqual(await (await secondStore(subject)).findBinding(KEY, "7"), first);
    const second = binding({ provenAt: at(6) });
    assert.equal(await store.bind(second), true);
    assert.deepEqual(await store.bindings(API_URL, "7"), [second]);
    for (const userId of ["8", "07", "7 "]) assert.equal(await store.findBinding(KEY, userId), null);
  }),

  installation("bindings returns a user's bindings of one API URL in ascending order", async (store) => {
    for (const installationId of [9, 10, 2]) {
      await store.save(sample({ installationId }), at(1));
      for (const userId of ["User", "user"]) await store.bind(binding({ installationId, userId }));
    }
    await store.save(sample({ apiUrl: ENTERPRISE }), at(1));
    await store.bind(binding({ apiUrl: ENTERPRISE, userId: "user" }));
    const bindings = await store.bindings(API_URL, "user");
    assert.deepEqual(
      bindings,
      [2, 9, 10].map((installationId) => binding({ installationId, userId: "user" })),
    );
    assert.equal((await store.bindings(ENTERPRISE, "user")).length, 1);
  }),

  installation("save withdraws every binding of a suspended installation", async (store) => {
    await store.save(sample(), at(1));
    for (const userId of ["7", "8"]) await store.bind(binding({ userId }));
    await store.save(sample({ suspendedAt: at(6) }), at(7));
    assert.equal(await store.findBinding(KEY, "7"), null);
    assert.deepEqual(await store.bindings(API_URL, "8"), []);
    assert.equal(await store.bind(binding({ provenAt: at(8) })), false);
    await store.save(sample(), at(9));
    assert.equal(await store.findBinding(KEY, "7"), null);
    assert.equal(await store.bind(binding({ provenAt: at(6) })), false);
    assert.equal(await store.bind(binding({ provenAt: at(9) })), true);
  }),

  installation("remove withdraws the bindings and repositories of an installation permanently", async (store) => {
    await store.save(sample(), at(1));
    await store.bind(binding());
    await store.changeRepositories(KEY, [repository(1)], []);
    await store.remove(KEY, at(6));
    assert.equal(await store.findBinding(KEY, "7"), null);
    assert.deepEqual(await store.bindings(API_URL, "7"), []);
    assert.deepEqual(await store.repositories(KEY, 0, 10), []);
    assert.equal(await store.bind(binding({ provenAt: at(7) })), false);
    assert.equal(await store.changeRepositories(KEY, [repository(1)], []), false);
    await store.save(sample(), at(8));
    assert.deepEqual(await store.bindings(API_URL, "7"), []);
    assert.deepEqual(await store.repositories(KEY, 0, 10), []);
    assert.equal(await store.bind(binding({ provenAt: at(5) })), false);
  }),

  installation("withdraw removes one user's binding and rejects proofs that started earlier", async (store) => {
    await store.save(sample(), at(1));
    for (const userId of ["7", "8"]) await store.bind(binding({ userId }));
    assert.equal(await store.withdraw(KEY, "7", at(6)), true);
    assert.equal(await store.findBinding(KEY, "7"), null);
    assert.notEqual(await store.findBinding(KEY, "8"), null);
    for (const time of [5, 6]) assert.equal(await store.bind(binding({ provenAt: at(time) })), false);
    assert.equal(await store.findBinding(KEY, "7"), null);
    assert.equal(await store.bind(binding({ provenAt: at(7) })), true);
    assert.equal(await store.withdraw(KEY, "9", at(6)), false);
  }),

  installation("withdrawAll removes all bindings of a user of one API URL", async (store) => {
    for (const installationId of [1, 2]) {
      await store.save(sample({ installationId }), at(1));
      for (const userId of ["7", "8"]) await store.bind(binding({ installationId, userId }));
    }
    await store.save(sample({ apiUrl: ENTERPRISE }), at(1));
    await store.bind(binding({ apiUrl: ENTERPRISE }));
    assert.equal(await store.withdrawAll(API_URL, "7"), 2);
    assert.equal(await store.withdrawAll(API_URL, "7"), 0);
    assert.deepEqual(await store.bindings(API_URL, "7"), []);
    assert.equal((await store.bindings(API_URL, "8")).length, 2);
    assert.equal((await store.bindings(ENTERPRISE, "7")).length, 1);
  }),

  installation("bind leaves no binding when an installation is withdrawn at the same time", async (store, subject) => {
    const other = await secondStore(subject);
    await rounds(15, async (round) => {
      const key = { ...KEY, installationId: 500 + round };
      await store.save(sample(key), at(1));
      const withdraw = [
        () => other.remove(key, at(6)),
        () => other.save(sample({ ...key, suspendedAt: at(6) }), at(6)),
        () => other.withdraw(key, "7", at(6)),
      ][round % 3];
      const bind = (): Promise<boolean> => store.bind(binding(key));
      await Promise.all(round % 2 === 0 ? [bind(), withdraw?.()] : [withdraw?.(), bind()]);
      assert.equal(await store.findBinding(key, "7"), null);
      assert.deepEqual(await store.bindings(API_URL, "7"), []);
    });
  }),

  installation(
    "changeRepositories adds, renames and removes repositories, and repositories returns them in pages",
    async (store, subject) => {
      await store.save(sample(), at(1));
      const added = [5, 1, LARGEST_ID, 3, 2, 4].map((id) => repository(id));
      assert.equal(await store.changeRepositories(KEY, added, []), true);
      const renamed = { ...repository(3), fullName: "octocat/renamed", private: false };
      assert.equal(await store.changeRepositories(KEY, [renamed], [1, 99]), true);
      const expected = [repository(2), renamed, repository(4), repository(5), repository(LARGEST_ID)];
      const other = await secondStore(subject);
      assert.deepEqual(await other.repositories(KEY, 0, 10), expected);
      assert.deepEqual(await other.repositories(KEY, 0, 2), expected.slice(0, 2));
      assert.deepEqual(await other.repositories(KEY, 3, 2), expected.slice(2, 4));
      assert.deepEqual(await other.repositories(KEY, LARGEST_ID, 2), []);
    },
  ),

  installation("putRequest keeps a user's last request until exactly this one is removed", async (store, subject) => {
    const request = { apiUrl: API_URL, userId: "7", githubUserId: 583_231, requestedAt: new Date(1_000) };
    const later = { ...request, requestedAt: new Date(2_000) };
    assert.equal(await store.findRequest(API_URL, "7"), null);
    await store.putRequest(request);
    const other = await secondStore(subject);
    assert.deepEqual(await other.findRequest(API_URL, "7"), request);
    await race(4, () => other.putRequest(later));
    assert.equal(await store.removeRequest(request), false);
    assert.deepEqual(await store.findRequest(API_URL, "7"), later);
    assert.equal(await store.findRequest(ENTERPRISE, "7"), null);
    assert.equal(await store.findRequest(API_URL, "8"), null);
    const removed = await race(4, () => store.removeRequest(later));
    assert.equal(removed.filter(Boolean).length, 1);
    assert.equal(await store.findRequest(API_URL, "7"), null);
  }),

  installation("changeRepositories adds and removes thousands of repositories", async (store) => {
    await store.save(sample(), at(1));
    const many = Array.from({ length: 3_000 }, (_, index) => repository(index + 1));
    await store.changeRepositories(KEY, many, []);
    await store.changeRepositories(
      KEY,
      [],
      many.slice(0, 1_500).map(({ id }) => id),
    );
    assert.deepEqual(await store.repositories(KEY, 0, 5_000), many.slice(1_500));
  }),

  installation("renameRepository and removeRepository change every installation of one API URL", async (store) => {
    const keys = [KEY, { ...KEY, installationId: 43 }, { ...KEY, apiUrl: ENTERPRISE }];
    for (const key of keys) {
      await store.save(sample(key), at(1));
      await store.changeRepositories(key, [repository(1), repository(2)], []);
    }
    assert.equal(await store.renameRepository(API_URL, 1, "octocat/new-name"), 2);
    for (const key of keys.slice(0, 2)) {
      const expected = [{ ...repository(1), fullName: "octocat/new-name" }, repository(2)];
      assert.deepEqual(await store.repositories(key, 0, 10), expected);
    }
    assert.equal(await store.removeRepository(API_URL, 2), 2);
    assert.equal(await store.removeRepository(API_URL, 2), 0);
    assert.deepEqual(await store.repositories({ ...KEY, apiUrl: ENTERPRISE }, 0, 10), [repository(1), repository(2)]);
  }),

  installation("The store keeps no reference to objects that it receives or returns", async (store) => {
    const saved = sample();
    const proof = binding();
    const added = repository(1);
    await store.save(saved, at(1));
    await store.bind(proof);
    await store.changeRepositories(KEY, [added], []);
    mutate(saved.account, { login: "changed" });
    mutate(proof, { proof: "webhook_sender" });
    mutate(added, { fullName: "mutated/mutated" });
    for (let read = 0; read < 2; read += 1) {
      const found = present(await store.find(KEY));
      assert.deepEqual(found, sample());
      mutate(found.permissions, { contents: "admin" });
      found.createdAt.setTime(0);
      const bound = present(await store.findBinding(KEY, "7"));
      assert.deepEqual(bound, binding());
      bound.provenAt.setTime(0);
      const listed = present((await store.repositories(KEY, 0, 1))[0]);
      assert.deepEqual(listed, repository(1));
      mutate(listed, { private: false });
    }
  }),
];
