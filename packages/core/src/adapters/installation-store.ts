import type {
  Installation,
  InstallationBinding,
  InstallationKey,
  InstallationRepository,
  InstallationRequest,
} from "../domain/installation.js";

/**
 * A store of installations as they were last read from GitHub, with their repositories and the users who proved ownership.
 *
 * Atomicity: reads of one installation may arrive in any order; the one that started last wins. Every method checks and writes
 * in one step, and bindings are withdrawn in the same step as the reason is stored.
 */
export interface InstallationStore {
  /**
   * Stores an installation as a read that started at `readAt` returned it. Returns false and changes nothing when a later read
   * is stored, or a read of the same time that did not find it. A suspended installation loses all its bindings.
   */
  save(installation: Installation, readAt: Date): Promise<boolean>;
  /**
   * Stores that a read that started at `readAt` did not find the installation. Its bindings and repositories are deleted, and
   * older reads do not restore it. Returns false when a later read is stored.
   */
  remove(key: InstallationKey, readAt: Date): Promise<boolean>;
  /** Returns the installation; `null` when it is unknown or removed. */
  find(key: InstallationKey): Promise<Installation | null>;

  /**
   * Stores a binding and replaces an earlier one of the same user. Returns false and stores nothing when the installation is
   * unknown, removed or suspended, or when a binding of it was withdrawn since the proof started. Save the installation first.
   */
  bind(binding: InstallationBinding): Promise<boolean>;
  /** Returns the user's binding to the installation, or `null`. */
  findBinding(key: InstallationKey, userId: string): Promise<InstallationBinding | null>;
  /** Returns all bindings of a user on one GitHub, ascending by installation. */
  bindings(apiUrl: string, userId: string): Promise<readonly InstallationBinding[]>;
  /** Withdraws a user's binding as of `at`. Proofs that started earlier are rejected from then on. Returns false when there was no binding. */
  withdraw(key: InstallationKey, userId: string, at: Date): Promise<boolean>;
  /** Withdraws all bindings of a user on one GitHub. Returns their number. */
  withdrawAll(apiUrl: string, userId: string): Promise<number>;

  /** Stores that a user requested an installation. Replaces an earlier request of the same user on the same GitHub. */
  putRequest(request: InstallationRequest): Promise<void>;
  /** Returns the user's last request, or `null`. */
  findRequest(apiUrl: string, userId: string): Promise<InstallationRequest | null>;
  /** Removes the user's request if it was not replaced since. Returns false otherwise. */
  removeRequest(request: InstallationRequest): Promise<boolean>;

  /** Adds or renames repositories and removes others by ID. Returns false when the installation is unknown or removed. */
  changeRepositories(
    key: InstallationKey,
    added: readonly InstallationRepository[],
    removed: readonly number[],
  ): Promise<boolean>;
  /** Returns at most `limit` repositories of an installation with an ID above `afterId`, ascending. */
  repositories(key: InstallationKey, afterId: number, limit: number): Promise<readonly InstallationRepository[]>;
  /** Renames a repository in every installation that includes it. Returns their number. */
  renameRepository(apiUrl: string, repositoryId: number, fullName: string): Promise<number>;
  /** Removes a deleted repository from every installation. Returns their number. */
  removeRepository(apiUrl: string, repositoryId: number): Promise<number>;
}
