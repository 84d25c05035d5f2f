import type { Account } from "../accounts/account.js";

/** An open or closed pull request within one repository. */
export interface PullRequest {
  id: number;
  number: number;
  title: string;
  body: string | null;
  draft: boolean;
  state: "open" | "closed";
  user: Account;
  /** Branch names without `refs/heads/`. */
  head: string;
  base: string;
  /** Commits when it was opened; the head follows its branch. */
  baseOid: string;
  headOid: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
}
