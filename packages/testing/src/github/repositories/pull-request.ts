import type { Account } from "../accounts/account.js";
import type { Label } from "./label.js";

/** A pull request within one repository. */
export interface PullRequest {
  id: number;
  number: number;
  title: string;
  body: string | null;
  draft: boolean;
  labels: Set<Label>;
  requestedReviewers: Set<Account>;
  state: "open" | "closed";
  /** True when it was closed by a merge. Omitted otherwise. */
  merged?: boolean;
  user: Account;
  /** Branch names without `refs/heads/`. */
  head: string;
  base: string;
  /** Commits at the time of opening. Responses show the current head of the branch. */
  baseOid: string;
  headOid: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
}
