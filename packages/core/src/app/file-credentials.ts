import type { Installation } from "../domain/installation.js";
import { isGitHubSdkError } from "../errors.js";
import type { Credential } from "../github/credential.js";
import { isWorkflow } from "../repository/written-paths.js";
import type { InstallationTokenRequest, InstallationTokens } from "./installation-tokens.js";
import type { KnownInstallations } from "./known-installations.js";

/** The permissions for writing files and opening pull requests. A token gets those of them that the installation has. */
const FILE_PERMISSIONS = ["metadata", "contents", "workflows", "pull_requests"];

/** Provides installation credentials that can only write files of one repository. */
export class FileCredentials {
  readonly #installations: KnownInstallations;
  readonly #tokens: InstallationTokens;

  constructor(installations: KnownInstallations, tokens: InstallationTokens) {
    this.#installations = installations;
    this.#tokens = tokens;
  }

  /**
   * Reads the installation again when its stored permissions do not suffice for these paths: the permissions may have been
   * granted since, and their webhook may be missing.
   */
  async refreshFor(installationId: number, paths: Iterable<string>): Promise<void> {
    const { permissions } = await this.#installations.lastKnown(installationId);
    const needed = [...paths].some(isWorkflow) ? ["contents", "workflows"] : ["contents"];
    if (needed.some((name) => permissions[name] !== "write")) await this.#installations.fetch(installationId);
  }

  /**
   * Returns a credential for one repository.
   *
   * @param repository `owner/name`
   * @throws GitHubSdkError `installation_not_found`; `insufficient_permissions` when the installation cannot access the repository
   */
  async for(installationId: number, repository: string): Promise<Credential> {
    const known = narrowed(await this.#installations.lastKnown(installationId), repository);
    try {
      // Requested early to detect lost permissions; the first request uses the cached token.
      await this.#tokens.get(known);
      return this.#tokens.credential(known);
    } catch (error) {
      if (!isGitHubSdkError(error, "insufficient_permissions")) throw error;
      // GitHub rejects a token request that names a permission which the App has lost.
      return this.#tokens.credential(narrowed(await this.#installations.fetch(installationId), repository));
    }
  }
}

function narrowed({ installationId, permissions }: Installation, repository: string): InstallationTokenRequest {
  const needed = FILE_PERMISSIONS.filter((name) => permissions[name] !== undefined);
  return {
    installationId,
    repositories: [repository.slice(repository.indexOf("/") + 1)],
    permissions: Object.fromEntries(needed.map((name) => [name, permissions[name] ?? "read"])),
  };
}
