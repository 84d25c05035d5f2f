import type { Installation } from "../domain/installation.js";
import { isGitHubSdkError } from "../errors.js";
import type { Credential } from "../github/credential.js";
import { isWorkflow } from "../repository/written-paths.js";
import type { InstallationTokenRequest, InstallationTokens } from "./installation-tokens.js";
import type { KnownInstallations } from "./known-installations.js";

/** What writing files and proposing them takes, as far as the installation has it. */
const FILE_PERMISSIONS = ["metadata", "contents", "workflows", "pull_requests"];

/** Credentials of installations for writing the files of one repository, and for no more than that. */
export class FileCredentials {
  readonly #installations: KnownInstallations;
  readonly #tokens: InstallationTokens;

  constructor(installations: KnownInstallations, tokens: InstallationTokens) {
    this.#installations = installations;
    this.#tokens = tokens;
  }

  /**
   * Whoever installed the App may have granted what these paths take since the installation was read, and no webhook has to
   * have told of it: an installation that seems to lack it is read anew.
   */
  async learn(installationId: number, paths: Iterable<string>): Promise<void> {
    const { permissions } = await this.#installations.lastKnown(installationId);
    const needed = [...paths].some(isWorkflow) ? ["contents", "workflows"] : ["contents"];
    if (needed.some((name) => permissions[name] !== "write")) await this.#installations.fetch(installationId);
  }

  /** @throws GitHubSdkError `installation_not_found`, `insufficient_permissions` when the repository is not the installation's */
  async for(installationId: number, repository: string): Promise<Credential> {
    const known = narrowed(await this.#installations.lastKnown(installationId), repository);
    try {
      // The first request needs it anyway.
      await this.#tokens.get(known);
      return this.#tokens.credential(known);
    } catch (error) {
      if (!isGitHubSdkError(error, "insufficient_permissions")) throw error;
      // The App may have lost a permission: GitHub refuses a token that asks for it, and tells nobody.
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
