/** An installation of the GitHub App. Ids are small and guessable: knowing one proves nothing. */
export interface InstallationKey {
  readonly apiUrl: string;
  readonly installationId: number;
}

/** An installation as GitHub shows it. */
export interface Installation extends InstallationKey {
  readonly appId: number;
  readonly account: InstallationAccount;
  readonly repositorySelection: "all" | "selected";
  /** Such as `{ contents: "write" }`. */
  readonly permissions: Readonly<Record<string, string>>;
  readonly events: readonly string[];
  readonly suspendedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Who installed the App. */
export interface InstallationAccount {
  readonly id: number;
  readonly login: string;
  readonly type: "User" | "Organization";
}

/** A repository that an installation reaches. */
export interface InstallationRepository {
  readonly id: number;
  /** `owner/name`. */
  readonly fullName: string;
  readonly private: boolean;
}

/**
 * How it was proved that an installation is a user's: the user's own token listed it and the account is the user's or an
 * organization that the user owns, or a signed webhook named the user's account as the one who installed.
 */
export type BindingProof = "user_token" | "webhook_sender";

/** That an installation is a host user's, proved. */
export interface InstallationBinding extends InstallationKey {
  readonly userId: string;
  /** The GitHub account that it was proved for: the binding counts only while the user is connected to it. */
  readonly githubUserId: number;
  readonly proof: BindingProof;
  /** When the reading began that proves it. */
  readonly provenAt: Date;
}
