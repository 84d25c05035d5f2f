import { randomBytes } from "node:crypto";
import { createGitHubClient, type GitHubClient } from "@infrajet/github-client";
import type { ContractSubject } from "@infrajet/github-testing/contract";

/** A connected user with a project and a repository to sync it to. */
export interface ProjectToSync {
  readonly userId: string;
  readonly login: string;
  readonly client: GitHubClient;
  readonly projectId: string;
  /** `owner/repo`. */
  readonly repository: string;
}

/** Returns a unique name. */
export function unique(word: string): string {
  return `${word}-${randomBytes(4).toString("hex")}`;
}

/** Returns a client of a new user of the host. */
export async function newClient(host: ContractSubject, userId = unique("user")): Promise<GitHubClient> {
  const token = await host.tokenFor(userId);
  return createGitHubClient({ baseUrl: host.baseUrl, token });
}

/** Connects a new user with GitHub by the client's own calls. */
export async function projectToSync(host: ContractSubject): Promise<ProjectToSync> {
  const userId = unique("user");
  const login = unique("octo");
  host.box.addUser({ login });
  const client = await newClient(host, userId);
  const { authorization_url } = await client.beginAuthorization({ client: "oauth" });
  const { code, state = "" } = await host.box.authorize(authorization_url, { login });
  await client.completeAuthorization({ code, state });
  const name = unique("repo");
  await host.box.createRepository({ owner: login, name, autoInit: true });
  await host.writeProject(userId, "network", { "main.tf": "terraform {}\n" });
  return { userId, login, client, projectId: "network", repository: `${login}/${name}` };
}
