/**
 * The users who may use the installation of an organization: its `owners`, or with `repository` also users whose own token has the
 * right to the repository of the operation.
 */
export type InstallationMembers = "owners" | "repository";
