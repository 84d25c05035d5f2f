import { createManualClock } from "@infrajet/github-testing/conformance";
import { describe, expect, it } from "vitest";
import type { PrismaStores } from "../../src/prisma-stores.js";
import { SYNC_OPTIONS } from "../sync-options.js";
import type { TestDatabase } from "../test-database.js";

const API_URL = "https://api.github.com";
const PROJECT = { userId: "7", projectId: "network" };
const TARGET = { apiUrl: API_URL, repositoryId: 1, branch: "main", source: "project:7/network", directory: "" };
const DRAFT = { ...PROJECT, target: TARGET, repository: "a/b", options: SYNC_OPTIONS, createdAt: new Date() };

/** Checks that lists skip rows that a newer version wrote or that are damaged. */
export function skipsUndecodableRows(database: () => TestDatabase): void {
  describe("stores with rows that cannot be decoded", () => {
    it("skip them in lists of sync records, fill the page, and log each of them once", async () => {
      const { records, warnings } = await opened();
      const ids: number[] = [];
      for (let count = 0; count < 6; count += 1) ids.push((await records.create(DRAFT)).id);
      const [first = 0, second = 0, third = 0, fourth = 0, fifth = 0, sixth = 0] = ids;
      const { gitHubSyncRecord } = database().client;
      await gitHubSyncRecord.updateMany({ where: { id: first }, data: { errorCode: "of_a_newer_version" } });
      await gitHubSyncRecord.updateMany({ where: { id: third }, data: { direction: "sideways" } });
      await gitHubSyncRecord.updateMany({ where: { id: sixth }, data: { errorCode: "of_a_newer_version" } });

      expect(idsOf(await records.unfinished(0, 10))).toEqual([first, second, third, fourth, fifth, sixth]);
      expect(idsOf((await records.history(PROJECT, 2, null)).records)).toEqual([fifth, fourth]);
      const { nextCursor } = await records.history(PROJECT, 2, null);
      expect(await records.history(PROJECT, 2, nextCursor)).toMatchObject({
        records: [{ id: second }],
        nextCursor: null,
      });
      expect((await records.summary(PROJECT)).latest?.id).toBe(fifth);
      await expect(records.find(first)).rejects.toMatchObject({ code: "store_failed" });
      await expect(records.transition(third, { from: ["pending"], to: "cancelled" }, {})).rejects.toMatchObject({
        code: "store_failed",
        message: expect.stringContaining("cannot be decoded"),
      });
      expect(warnings.map(({ id }) => id).sort()).toEqual([first, third, sixth]);
    });

    it("skip records with damaged JSON among those with open attempts", async () => {
      const { records, warnings } = await opened();
      const attempt = {
        number: 1,
        mark: "0a1b2c3d4e5f6071",
        writer: "push",
        branch: "main",
        outcome: "unknown",
      } as const;
      const open = { ...attempt, expectedHead: null, commitId: null, filesSynced: 1, filesDeleted: 0 };
      const failed: number[] = [];
      for (let count = 0; count < 2; count += 1) {
        const { id } = await records.create(DRAFT);
        await records.transition(id, { from: ["pending"], to: "in_progress" }, { attempts: [open] });
        await records.transition(id, { from: ["in_progress"], to: "failed" }, {});
        failed.push(id);
      }
      const [damaged = 0, whole = 0] = failed;
      const { gitHubSyncRecord } = database().client;
      await gitHubSyncRecord.updateMany({ where: { id: damaged }, data: { options: '{"strategy":' } });

      expect(idsOf(await records.withOpenAttempts(TARGET))).toEqual([whole]);
      expect(warnings.map(({ id }) => id)).toEqual([damaged]);
      await expect(records.find(damaged)).rejects.toMatchObject({ code: "store_failed" });
    });

    it("skip an undecodable pending or running record in unfinished", async () => {
      const { records } = await opened();
      const [damaged, whole] = [await records.create(DRAFT), await records.create({ ...DRAFT, userId: "8" })];
      await database().sql(`UPDATE github_sync_records SET repository_id = 9007199254740993 WHERE id = ${damaged.id}`);
      expect(idsOf(await records.unfinished(0, 1))).toEqual([whole.id]);
      expect(idsOf(await records.due(API_URL, 10))).toEqual([whole.id]);
    });

    it("skip them in pages of connections and in a user's bindings", async () => {
      const { connections, installations, warnings } = await opened();
      const sealed = { keyId: "k", text: "sealed" };
      const token = {
        ...{ accessToken: sealed, accessTokenExpiresAt: null, refreshToken: null, refreshTokenExpiresAt: null },
        scopes: [],
      };
      for (const githubUserId of [1, 2, 3])
        await connections.save({
          ...{ apiUrl: API_URL, userId: `u${githubUserId}`, githubUserId, login: "x", connectedAt: new Date() },
          ...{ client: "oauth", clientId: "Ov23.oauth", token },
        });
      const { gitHubConnection, gitHubInstallationBinding } = database().client;
      await gitHubConnection.updateMany({ where: { githubUserId: 2n }, data: { oauthToken: "{" } });
      const pages = [await connections.page(1, null)];
      for (let next = pages[0]?.nextCursor; next; next = pages.at(-1)?.nextCursor)
        pages.push(await connections.page(1, next));
      expect(pages.flatMap((page) => page.connections.map(({ userId }) => userId)).sort()).toEqual(["u1", "u3"]);

      for (const installationId of [1, 2]) {
        const key = { apiUrl: API_URL, installationId };
        await installations.save(
          {
            ...{ ...key, appId: 1, account: { id: 1, login: "x", type: "User" }, repositorySelection: "all" },
            ...{ permissions: {}, events: [], suspendedAt: null, createdAt: new Date(), updatedAt: new Date() },
          },
          new Date(),
        );
        const proof = { userId: "7", githubUserId: 1, proof: "user_token", provenAt: new Date() } as const;
        await installations.bind({ ...key, ...proof });
      }
      await gitHubInstallationBinding.updateMany({
        where: { installationId: 1n },
        data: { proof: "newer" },
      });
      expect((await installations.bindings(API_URL, "7")).map(({ installationId }) => installationId)).toEqual([2]);
      expect(warnings).toHaveLength(2);
    });
  });

  async function opened(): Promise<PrismaStores & { readonly warnings: { readonly id: unknown }[] }> {
    await database().clear();
    const warnings: { readonly id: unknown }[] = [];
    const logger = {
      warn: (_: string, fields: Readonly<Record<string, unknown>> = {}) => void warnings.push({ id: fields.id }),
    };
    return { ...database().stores(createManualClock(), logger), warnings };
  }
}

function idsOf(records: readonly { readonly id: number }[]): readonly number[] {
  return records.map(({ id }) => id);
}
