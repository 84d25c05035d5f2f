/** An installation of the GitHub App. Its ID is easy to guess and does not prove ownership. */
export interface InstallationKey {
  readonly apiUrl: string;
  readonly installationId: number;
}

/** An installation as GitHub returns it. */
export interface Installation extends InstallationKey {
  readonly appId: number;
  readonly account: InstallationAccount;
  readonly repositorySelection: "all" | "selected";
  /** The granted permissions, such as `{ contents: "write" }`. */
  readonly permissions: Readonly<Record<string, string>>;
  readonly events: readonly string[];
  readonly suspendedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** The account in which the App is installed. */
export interface InstallationAccount {
  readonly id: number;
  readonly login: string;
  readonly type: "User" | "Organization";
}

/** A repository that an installation can access. */
export interface InstallationRepository {
  readonly id: number;
  /** `owner/name`. */
  readonly fullName: string;
  readonly private: boolean;
}

/** A user's request to install the App in an organization, which an owner has to approve. */
export interface InstallationRequest {
  readonly apiUrl: string;
  readonly userId: string;
  /** The GitHub account of the user at the time of the request. */
  readonly githubUserId: number;
  readonly requestedAt: Date;
}

/**
 * The proof that a user owns an installation. `user_token`: the user's token listed the installation, and its account is the
 * user's or an organization that the user owns. `webhook_sender`: a signed webhook named the user's account as its installer.
 */
export type BindingProof = "user_token" | "webhook_sender";

/** A proven ownership of an installation by a host user. */
export interface InstallationBinding extends InstallationKey {
  readonly userId: string;
  /** The GitHub account of the proof. The binding is valid only while the user is connected to that account. */
  readonly githubUserId: number;
  readonly proof: BindingProof;
  /** The time at which the read that proved it started. */
  readonly provenAt: Date;
}
