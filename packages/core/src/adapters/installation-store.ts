import type {
  Installation,
  InstallationBinding,
  InstallationKey,
  InstallationRepository,
} from "../domain/installation.js";

/**
 * Installations as they were last read from GitHub, what they reach, and whose they were proved to be.
 *
 * Atomicity: readings of one installation may arrive in any order; the one that began last counts. Check and write are one
 * step in every verb, and what is withdrawn is withdrawn in the same step as its reason is written.
 */
export interface InstallationStore {
  /**
   * Keeps an installation as a reading that began at `readAt` showed it; `false`, and nothing changed, when a later reading
   * is kept, or one of the same time that found it gone. A suspended one loses all its bindings.
   */
  save(installation: Installation, readAt: Date): Promise<boolean>;
  /**
   * Keeps that a reading that began at `readAt` found it gone: its bindings and repositories go too, and older readings no
   * longer bring it back. `false` when a later reading is kept.
   */
  remove(key: InstallationKey, readAt: Date): Promise<boolean>;
  /** The installation; `null` when it is not known or gone. */
  find(key: InstallationKey): Promise<Installation | null>;

  /**
   * Keeps a proof, in place of an earlier one of the same user. `false`, and nothing is kept, when the installation is not
   * known, gone or suspended, or when something was withdrawn from it since the proof was begun: so the installation is saved
   * first, and proved then.
   */
  bind(binding: InstallationBinding): Promise<boolean>;
  /** The user's binding to the installation, or `null`. */
  findBinding(key: InstallationKey, userId: string): Promise<InstallationBinding | null>;
  /** All bindings of a user on one GitHub, ascending by installation. */
  bindings(apiUrl: string, userId: string): Promise<readonly InstallationBinding[]>;
  /** Withdraws one user's binding, for what was learnt at `at`; proofs that were begun before are no longer kept. `false` when there was none. */
  withdraw(key: InstallationKey, userId: string, at: Date): Promise<boolean>;
  /** Withdraws all bindings of a user on one GitHub; gives back how many. */
  withdrawAll(apiUrl: string, userId: string): Promise<number>;

  /** Adds repositories (or renames known ones) and takes others away, by id; `false` when the installation is not known or gone. */
  changeRepositories(
    key: InstallationKey,
    added: readonly InstallationRepository[],
    removed: readonly number[],
  ): Promise<boolean>;
  /** The repositories of an installation with a greater id than `afterId`, ascending, at most `limit`. */
  repositories(key: InstallationKey, afterId: number, limit: number): Promise<readonly InstallationRepository[]>;
  /** Gives a repository its new name in every installation that has it; gives back in how many. */
  renameRepository(apiUrl: string, repositoryId: number, fullName: string): Promise<number>;
  /** Takes a repository that was deleted out of every installation; gives back of how many. */
  removeRepository(apiUrl: string, repositoryId: number): Promise<number>;
}
