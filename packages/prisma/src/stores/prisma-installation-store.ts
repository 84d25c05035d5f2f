import { randomUUID } from "node:crypto";
import type {
  Installation,
  InstallationBinding,
  InstallationKey,
  InstallationRepository,
  InstallationRequest,
  InstallationStore,
} from "@infrajet/github/adapters";
import type { InstallationRepositoryRow, InstallationRow, PrismaTables } from "../client.js";
import type { StoreDatabase } from "../store-database.js";
import { storeKey } from "../store-key.js";
import type { Where } from "../table.js";
import { bindingKey, bindingOf, bindingRow, bindingUserKey } from "./installation-binding-row.js";
import { goneRow, installationKey, installationOf, installationRow } from "./installation-row.js";

// The parameters of this many rows fit into one statement on every database.
const ROWS_AT_ONCE = 500;

/**
 * An installation store in `github_installations`, with bindings and repositories in two more tables. A change of several
 * tables is a transaction that first writes the installation's row, so that such transactions run one after the other.
 */
export class PrismaInstallationStore implements InstallationStore {
  readonly #database: StoreDatabase;

  constructor(database: StoreDatabase) {
    this.#database = database;
  }

  save(installation: Installation, readAt: Date): Promise<boolean> {
    const row = installationRow(installation, readAt);
    const isSuperseded = [{ readAt: { lt: readAt } }, { readAt, gone: false }];
    return this.#database.transaction(async (tables) => {
      const written = await this.#replace(tables, row, isSuperseded);
      if (written && installation.suspendedAt !== null) await withdrawBindings(tables, row.key, readAt);
      return written;
    });
  }

  remove(key: InstallationKey, readAt: Date): Promise<boolean> {
    const row = goneRow(key, readAt);
    return this.#database.transaction(async (tables) => {
      const written = await this.#replace(tables, row, [{ readAt: { lte: readAt } }]);
      if (!written) return false;
      await withdrawBindings(tables, row.key, readAt);
      await tables.gitHubInstallationRepository.deleteMany({ where: { installationKey: row.key } });
      return true;
    });
  }

  find(key: InstallationKey): Promise<Installation | null> {
    return this.#database.run(async ({ gitHubInstallation }) => {
      const row = await gitHubInstallation.findFirst({ where: isKnown(key) });
      return row === null ? null : installationOf(row);
    });
  }

  bind(binding: InstallationBinding): Promise<boolean> {
    const row = bindingRow(binding);
    const { provenAt } = row;
    return this.#database.transaction(async ({ gitHubInstallation, gitHubInstallationBinding }) => {
      const { count } = await gitHubInstallation.updateMany({
        where: {
          ...isKnown(binding),
          suspendedAt: null,
          OR: [{ withdrawnAt: null }, { withdrawnAt: { lt: provenAt } }],
        },
        data: { revision: randomUUID() },
      });
      if (count === 0) return false;
      const replaced = await gitHubInstallationBinding.updateMany({ where: { key: row.key }, data: row });
      if (replaced.count === 0) await gitHubInstallationBinding.create({ data: row });
      return true;
    });
  }

  findBinding(key: InstallationKey, userId: string): Promise<InstallationBinding | null> {
    return this.#database.run(async ({ gitHubInstallationBinding }) => {
      const row = await gitHubInstallationBinding.findFirst({ where: { key: bindingKey(key, userId) } });
      return row === null ? null : bindingOf(row);
    });
  }

  bindings(apiUrl: string, userId: string): Promise<readonly InstallationBinding[]> {
    return this.#database.run(async ({ gitHubInstallationBinding }) => {
      const rows = await gitHubInstallationBinding.findMany({
        where: { userKey: bindingUserKey(apiUrl, userId) },
        orderBy: [{ installationId: "asc" }],
      });
      return rows.flatMap(
        (row) => this.#database.decodeOrSkip("installation binding", row.key, () => bindingOf(row)) ?? [],
      );
    });
  }

  withdraw(key: InstallationKey, userId: string, at: Date): Promise<boolean> {
    return this.#database.transaction(async (tables) => {
      if (!(await lock(tables, key))) return false;
      await raiseWithdrawnAt(tables, installationKey(key), at);
      const { count } = await tables.gitHubInstallationBinding.deleteMany({ where: { key: bindingKey(key, userId) } });
      return count > 0;
    });
  }

  withdrawAll(apiUrl: string, userId: string): Promise<number> {
    return this.#database.run(async ({ gitHubInstallationBinding }) => {
      const { count } = await gitHubInstallationBinding.deleteMany({
        where: { userKey: bindingUserKey(apiUrl, userId) },
      });
      return count;
    });
  }

  putRequest({ apiUrl, userId, githubUserId, requestedAt }: InstallationRequest): Promise<void> {
    const key = storeKey(apiUrl, userId);
    const data = { key, apiUrl, userId, githubUserId: BigInt(githubUserId), requestedAt: new Date(requestedAt) };
    return this.#database.run(async ({ gitHubInstallationRequest }) => {
      const replaced = await gitHubInstallationRequest.updateMany({ where: { key }, data });
      if (replaced.count === 0) await gitHubInstallationRequest.create({ data });
    });
  }

  findRequest(apiUrl: string, userId: string): Promise<InstallationRequest | null> {
    return this.#database.run(async ({ gitHubInstallationRequest }) => {
      const row = await gitHubInstallationRequest.findFirst({ where: { key: storeKey(apiUrl, userId) } });
      if (row === null) return null;
      const { githubUserId, requestedAt } = row;
      return { apiUrl: row.apiUrl, userId: row.userId, githubUserId: Number(githubUserId), requestedAt };
    });
  }

  removeRequest({ apiUrl, userId, requestedAt }: InstallationRequest): Promise<boolean> {
    const where = { key: storeKey(apiUrl, userId), requestedAt };
    return this.#database.run(async ({ gitHubInstallationRequest }) => {
      const { count } = await gitHubInstallationRequest.deleteMany({ where });
      return count === 1;
    });
  }

  changeRepositories(
    key: InstallationKey,
    added: readonly InstallationRepository[],
    removed: readonly number[],
  ): Promise<boolean> {
    const rows = [...new Map(added.map((repository) => [repository.id, repositoryRow(key, repository)])).values()];
    const replaced = [...removed.map(BigInt), ...rows.map(({ repositoryId }) => repositoryId)];
    return this.#database.transaction(async (tables) => {
      if (!(await lock(tables, key))) return false;
      const { gitHubInstallationRepository } = tables;
      for (const ids of batches(replaced)) {
        const where = { installationKey: installationKey(key), repositoryId: { in: ids } };
        await gitHubInstallationRepository.deleteMany({ where });
      }
      for (const data of batches(rows)) await gitHubInstallationRepository.createMany({ data });
      return true;
    });
  }

  repositories(key: InstallationKey, afterId: number, limit: number): Promise<readonly InstallationRepository[]> {
    return this.#database.run(async ({ gitHubInstallationRepository }) => {
      const rows = await gitHubInstallationRepository.findMany({
        where: { installationKey: installationKey(key), repositoryId: { gt: BigInt(afterId) } },
        orderBy: [{ repositoryId: "asc" }],
        take: limit,
      });
      return rows.map(({ repositoryId, fullName, private: isPrivate }) => ({
        id: Number(repositoryId),
        fullName,
        private: isPrivate,
      }));
    });
  }

  renameRepository(apiUrl: string, repositoryId: number, fullName: string): Promise<number> {
    return this.#database.run(async ({ gitHubInstallationRepository }) => {
      const where = { repositoryId: BigInt(repositoryId), apiUrl };
      const { count } = await gitHubInstallationRepository.updateMany({ where, data: { fullName } });
      return count;
    });
  }

  removeRepository(apiUrl: string, repositoryId: number): Promise<number> {
    return this.#database.run(async ({ gitHubInstallationRepository }) => {
      const where = { repositoryId: BigInt(repositoryId), apiUrl };
      const { count } = await gitHubInstallationRepository.deleteMany({ where });
      return count;
    });
  }

  /** Writes the row in place of one that it supersedes. Resolves to `false` when a newer reading is stored. */
  async #replace(
    { gitHubInstallation }: PrismaTables,
    row: InstallationRow,
    isSuperseded: Where<InstallationRow>[],
  ): Promise<boolean> {
    const { withdrawnAt: _, ...data } = row;
    const { count } = await gitHubInstallation.updateMany({ where: { key: row.key, OR: isSuperseded }, data });
    if (count === 1) return true;
    const later = await gitHubInstallation.count({ where: { key: row.key, readAt: { gte: row.readAt } } });
    if (later > 0) return false;
    await gitHubInstallation.create({ data: row });
    return true;
  }
}

/** Locks a known installation's row until the transaction ends. Resolves to `false` when the installation is not known. */
async function lock({ gitHubInstallation }: PrismaTables, key: InstallationKey): Promise<boolean> {
  const { count } = await gitHubInstallation.updateMany({ where: isKnown(key), data: { revision: randomUUID() } });
  return count === 1;
}

async function withdrawBindings(tables: PrismaTables, key: string, at: Date): Promise<void> {
  await raiseWithdrawnAt(tables, key, at);
  await tables.gitHubInstallationBinding.deleteMany({ where: { installationKey: key } });
}

async function raiseWithdrawnAt({ gitHubInstallation }: PrismaTables, key: string, at: Date): Promise<void> {
  const isEarlier = [{ withdrawnAt: null }, { withdrawnAt: { lt: at } }];
  await gitHubInstallation.updateMany({ where: { key, OR: isEarlier }, data: { withdrawnAt: at } });
}

function isKnown(key: InstallationKey): Where<InstallationRow> {
  return { key: installationKey(key), gone: false };
}

function repositoryRow(key: InstallationKey, repository: InstallationRepository): InstallationRepositoryRow {
  const { id, fullName, private: isPrivate } = repository;
  const { apiUrl } = key;
  return { installationKey: installationKey(key), repositoryId: BigInt(id), apiUrl, fullName, private: isPrivate };
}

function batches<Item>(items: readonly Item[]): Item[][] {
  const count = Math.ceil(items.length / ROWS_AT_ONCE);
  return Array.from({ length: count }, (_, index) => items.slice(index * ROWS_AT_ONCE, (index + 1) * ROWS_AT_ONCE));
}
