import type { GitHubApp } from "../github/apps/github-app.js";
import type { GitHubBox } from "../github/box.js";

/** A host under test: it runs, and is spoken to over HTTP alone. Several cases may use one host, each with users of its own. */
export interface ContractSubject {
  /** Where the endpoints are mounted: `http://127.0.0.1:4000/api/v1/github`. */
  readonly baseUrl: string;
  /** The GitHub that the host was made for. */
  readonly box: GitHubBox;
  /** The GitHub App that the host is; hosts of the kinds `bare` and `strange-app` are not. */
  readonly app: GitHubApp;
  /** What deliveries of that App are signed with. */
  readonly webhookSecret: string;
  /** Where the host sends browsers after an authorization; hosts of the kind `no-browser` have no such place. */
  readonly afterConnectUrl: string;
  /** Bytes that the JSON body of a request may have at the host. */
  readonly bodyLimit: number;
  /** Milliseconds since the epoch, as host and box see it. */
  now(): number;
  /** Lets that many milliseconds pass for host and box. */
  advance(milliseconds: number): Promise<void> | void;
  /** A bearer token that proves this user. */
  tokenFor(userId: string): Promise<string> | string;
  /** Bearer tokens that name this user and prove nobody, by what is wrong with them. */
  badTokensFor(userId: string): Promise<Readonly<Record<string, string>>>;
  /** Puts files into a project of the user, which comes into being; a `null` deletes the file. */
  writeProject(userId: string, projectId: string, files: Readonly<Record<string, string | null>>): Promise<void> | void;
}

/**
 * What a host has configured:
 *
 * - `complete`: an OAuth App, a GitHub App with a webhook secret, a place for browsers to go
 * - `no-browser`: the same without that place
 * - `unsigned`: the same as `complete` without a webhook secret, and not for development
 * - `development`: the same as `unsigned`, and says that unsigned webhooks are fine
 * - `bare`: a token for all, neither an OAuth App nor a GitHub App
 * - `strange-app`: a GitHub App that GitHub does not know
 */
export type HostKind = "complete" | "no-browser" | "unsigned" | "development" | "bare" | "strange-app";

/** Gives a host of that kind: a new one, or one that earlier cases have used. */
export type HostFactory = (kind: HostKind) => Promise<ContractSubject>;
