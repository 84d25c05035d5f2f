/** A role on a repository. The box does not have the roles `triage` and `maintain`. */
export type Role = "none" | "read" | "write" | "admin";
