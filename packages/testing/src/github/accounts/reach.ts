import type { Account, Permissions } from "./account.js";

/** The members of a repository that decide whether a token reaches it. */
export interface RepositoryIdentity {
  readonly id: number;
  readonly owner: Account;
}

/** The permissions that tokens of a GitHub App have at this moment; `undefined` where the App is not installed. */
export interface Reach {
  onRepository: (repository: RepositoryIdentity) => Permissions | undefined;
  /** Permissions on an account as a whole, such as the creation of a repository. */
  onAccount: (account: Account) => Permissions | undefined;
}
