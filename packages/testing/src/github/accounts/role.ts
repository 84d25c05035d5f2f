/** A user's role on a repository, as far as the box tells them apart. */
export type Role = "none" | "read" | "write" | "admin";
