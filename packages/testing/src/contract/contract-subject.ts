import type { CreatedApp } from "@infrajet/github";
import type { GitHubApp } from "../github/apps/github-app.js";
import type { GitHubBox } from "../github/box.js";

/** A running host under test. Several cases can use one host, each with its own users. */
export interface ContractSubject {
  /** The URL at which the endpoints are mounted: `http://127.0.0.1:4000/api/v1/github`. */
  readonly baseUrl: string;
  /** The GitHub box that the host uses. */
  readonly box: GitHubBox;
  /** The GitHub App of the host. Hosts of the kinds `bare` and `strange-app` do not use it. */
  readonly app: GitHubApp;
  /** The webhook secret of that App. */
  readonly webhookSecret: string;
  /** The token of an operator of the host. */
  readonly operatorToken: string;
  /** The GitHub Apps that operators created at `GET /app/manifest`, in order. */
  readonly createdApps: readonly CreatedApp[];
  /** The page to which the host redirects browsers. Hosts of the kind `no-browser` do not have one. */
  readonly afterConnectUrl: string;
  /** The host's limit of a JSON body in bytes. */
  readonly bodyLimit: number;
  /** The host's limit of a JSON body with files in bytes. */
  readonly filesBodyLimit: number;
  /** The time of host and box in epoch milliseconds. */
  now(): number;
  /** Advances the time of host and box. */
  advance(milliseconds: number): Promise<void> | void;
  /** Returns a valid bearer token of the user. */
  tokenFor(userId: string): Promise<string> | string;
  /** Returns invalid bearer tokens of the user by their defect. */
  badTokensFor(userId: string): Promise<Readonly<Record<string, string>>>;
  /** Writes files of a project, which is created when missing. `null` deletes a file. */
  writeProject(userId: string, projectId: string, files: Readonly<Record<string, string | null>>): Promise<void> | void;
}

/**
 * The configuration of a host:
 *
 * - `complete`: an OAuth App, a GitHub App with a webhook secret, pages for browsers and operators
 * - `no-browser`: as `complete`, without the pages
 * - `unsigned`: as `complete`, without a webhook secret
 * - `development`: as `unsigned`, with unsigned webhooks allowed
 * - `bare`: one token for all users, without an OAuth App and a GitHub App
 * - `strange-app`: a GitHub App that GitHub does not know
 */
export type HostKind = "complete" | "no-browser" | "unsigned" | "development" | "bare" | "strange-app";

/** Returns a host of a kind, new or used by earlier cases. */
export type HostFactory = (kind: HostKind) => Promise<ContractSubject>;
