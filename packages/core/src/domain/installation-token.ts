/** An installation token. */
export interface InstallationToken {
  readonly token: string;
  readonly expiresAt: Date;
  readonly permissions: Readonly<Record<string, string>>;
  readonly repositorySelection: "all" | "selected";
  /** The time of the request for the token, in epoch milliseconds. */
  readonly issuedAt: number;
}
