import type { InstallationStore } from "../adapters/installation-store.js";
import type {
  Installation,
  InstallationBinding,
  InstallationKey,
  InstallationRepository,
  InstallationRequest,
} from "../domain/installation.js";

interface Held {
  /** `null` after a read that did not find it. */
  installation: Installation | null;
  /** The start of the last read, in epoch milliseconds. */
  readAt: number;
  /** Proofs that started until this time, in epoch milliseconds, are rejected. */
  withdrawnAt: number;
  readonly bindings: Map<string, InstallationBinding>;
  readonly repositories: Map<number, InstallationRepository>;
}

/** A store of installations in memory, for development and tests. Its content is lost when the process ends. */
export class MemoryInstallationStore implements InstallationStore {
  readonly #held = new Map<string, Held>();
  readonly #requests = new Map<string, InstallationRequest>();

  async save(installation: Installation, readAt: Date): Promise<boolean> {
    const held = this.#holdFor(installation);
    const isOutdated =
      readAt.getTime() < held.readAt || (held.installation === null && readAt.getTime() === held.readAt);
    if (isOutdated) return false;
    held.installation = structuredClone(installation);
    held.readAt = readAt.getTime();
    if (installation.suspendedAt !== null) withdrawBindings(held, readAt);
    return true;
  }

  async remove(key: InstallationKey, readAt: Date): Promise<boolean> {
    const held = this.#holdFor(key);
    if (readAt.getTime() < held.readAt) return false;
    held.installation = null;
    held.readAt = readAt.getTime();
    held.repositories.clear();
    withdrawBindings(held, readAt);
    return true;
  }

  async find(key: InstallationKey): Promise<Installation | null> {
    return structuredClone(this.#known(key)?.installation ?? null);
  }

  async bind(binding: InstallationBinding): Promise<boolean> {
    const held = this.#known(binding);
    if (held === null || held.installation.suspendedAt !== null) return false;
    if (binding.provenAt.getTime() <= held.withdrawnAt) return false;
    held.bindings.set(binding.userId, structuredClone(binding));
    return true;
  }

  async findBinding(key: InstallationKey, userId: string): Promise<InstallationBinding | null> {
    return structuredClone(this.#known(key)?.bindings.get(userId) ?? null);
  }

  async bindings(apiUrl: string, userId: string): Promise<readonly InstallationBinding[]> {
    return this.#boundTo(apiUrl, userId)
      .flatMap((held) => held.bindings.get(userId) ?? [])
      .sort((a, b) => a.installationId - b.installationId)
      .map((binding) => structuredClone(binding));
  }

  async withdraw(key: InstallationKey, userId: string, at: Date): Promise<boolean> {
    const held = this.#known(key);
    if (held === null) return false;
    held.withdrawnAt = Math.max(held.withdrawnAt, at.getTime());
    return held.bindings.delete(userId);
  }

  async withdrawAll(apiUrl: string, userId: string): Promise<number> {
    const bound = this.#boundTo(apiUrl, userId);
    for (const held of bound) held.bindings.delete(userId);
    return bound.length;
  }

  async putRequest(request: InstallationRequest): Promise<void> {
    this.#requests.set(requestKey(request), structuredClone(request));
  }

  async findRequest(apiUrl: string, userId: string): Promise<InstallationRequest | null> {
    return structuredClone(this.#requests.get(requestKey({ apiUrl, userId })) ?? null);
  }

  async removeRequest(request: InstallationRequest): Promise<boolean> {
    const stored = this.#requests.get(requestKey(request));
    if (stored?.requestedAt.getTime() !== request.requestedAt.getTime()) return false;
    return this.#requests.delete(requestKey(request));
  }

  async changeRepositories(
    key: InstallationKey,
    added: readonly InstallationRepository[],
    removed: readonly number[],
  ): Promise<boolean> {
    const held = this.#known(key);
    if (held === null) return false;
    for (const id of removed) held.repositories.delete(id);
    for (const repository of added) held.repositories.set(repository.id, { ...repository });
    return true;
  }

  async repositories(key: InstallationKey, afterId: number, limit: number): Promise<readonly InstallationRepository[]> {
    return [...(this.#known(key)?.repositories.values() ?? [])]
      .filter(({ id }) => id > afterId)
      .sort((a, b) => a.id - b.id)
      .slice(0, limit)
      .map((repository) => ({ ...repository }));
  }

  async renameRepository(apiUrl: string, repositoryId: number, fullName: string): Promise<number> {
    return this.#ofEach(apiUrl, repositoryId, (held, repository) =>
      held.repositories.set(repositoryId, { ...repository, fullName }),
    );
  }

  async removeRepository(apiUrl: string, repositoryId: number): Promise<number> {
    return this.#ofEach(apiUrl, repositoryId, (held) => held.repositories.delete(repositoryId));
  }

  #ofEach(
    apiUrl: string,
    repositoryId: number,
    change: (held: Held, repository: InstallationRepository) => unknown,
  ): number {
    let count = 0;
    for (const held of this.#held.values()) {
      const repository = held.repositories.get(repositoryId);
      if (held.installation?.apiUrl !== apiUrl || repository === undefined) continue;
      change(held, repository);
      count += 1;
    }
    return count;
  }

  #boundTo(apiUrl: string, userId: string): Held[] {
    return [...this.#held.values()].filter((held) => held.installation?.apiUrl === apiUrl && held.bindings.has(userId));
  }

  #known(key: InstallationKey): (Held & { readonly installation: Installation }) | null {
    const held = this.#held.get(keyText(key));
    return held !== undefined && isKnown(held) ? held : null;
  }

  #holdFor(key: InstallationKey): Held {
    const nothing: Held = {
      installation: null,
      readAt: Number.NEGATIVE_INFINITY,
      withdrawnAt: Number.NEGATIVE_INFINITY,
      bindings: new Map(),
      repositories: new Map(),
    };
    const held = this.#held.get(keyText(key)) ?? nothing;
    this.#held.set(keyText(key), held);
    return held;
  }
}

function isKnown(held: Held): held is Held & { readonly installation: Installation } {
  return held.installation !== null;
}

function withdrawBindings(held: Held, at: Date): void {
  held.bindings.clear();
  held.withdrawnAt = Math.max(held.withdrawnAt, at.getTime());
}

function requestKey({ apiUrl, userId }: Pick<InstallationRequest, "apiUrl" | "userId">): string {
  return JSON.stringify([apiUrl, userId]);
}

function keyText({ apiUrl, installationId }: InstallationKey): string {
  return JSON.stringify([apiUrl, installationId]);
}
