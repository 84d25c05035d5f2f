// Runs a GitHub box in a process of its own, with one repository: a new one, or that of a killed process.
import { renameSync, rmSync } from "node:fs";
import { createGitHubBox } from "@infrajet/github-testing";

/** The folder for repositories, and the git directory of a killed process to continue with. */
export interface ServerStart {
  readonly folder: string;
  readonly formerGitDir: string | null;
}

/** The message to the parent process once the box listens. */
export interface StartedServer {
  readonly url: string;
  readonly token: string;
  readonly gitDir: string;
}

const { folder, formerGitDir }: ServerStart = JSON.parse(process.argv[2] ?? "");
const box = await createGitHubBox({ folder });
const { gitDir } = await box.createRepository({ owner: "ada", name: "infra", autoInit: formerGitDir === null });
if (formerGitDir !== null) {
  rmSync(gitDir, { recursive: true });
  renameSync(formerGitDir, gitDir);
}
const token = box.addToken({ login: "ada", scopes: ["repo", "workflow"] });
const { url } = await box.listen();
process.send?.({ url, token, gitDir } satisfies StartedServer);
