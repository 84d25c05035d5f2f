import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { devNull, tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** The result of a git command. */
export interface GitOutcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** A clone that uses git over HTTP. */
export class GitClient {
  private constructor(
    readonly folder: string,
    private readonly url: string,
  ) {}

  /** Creates a folder for a clone. */
  static async open(serverUrl: string, fullName: string, token?: string): Promise<GitClient> {
    const url = new URL(`${serverUrl}/${fullName}.git`);
    if (token !== undefined) Object.assign(url, { username: "x-access-token", password: token });
    return new GitClient(await mkdtemp(join(tmpdir(), "git-client-")), url.href);
  }

  /** Runs git in the clone. */
  run(...args: string[]): Promise<GitOutcome> {
    return this.runIn(join(this.folder, "work"), args);
  }

  /** Clones with options such as `--depth=1`. */
  clone(...options: string[]): Promise<GitOutcome> {
    return this.runIn(this.folder, ["clone", "--quiet", ...options, this.url, "work"]);
  }

  /** Initializes a repository without cloning. */
  async init(): Promise<void> {
    await this.runIn(this.folder, ["init", "--quiet", "-b", "main", "work"]);
    await this.run("remote", "add", "origin", this.url);
  }

  /** Writes files and commits them. Returns the commit's ID. */
  async commit(files: Record<string, string | Uint8Array>, message = "By git"): Promise<string> {
    for (const [path, content] of Object.entries(files)) {
      const target = join(this.folder, "work", path);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, content);
    }
    await this.run("add", "--all");
    await this.run("commit", "--quiet", "--allow-empty", "-m", message);
    return (await this.run("rev-parse", "HEAD")).stdout.trim();
  }

  close(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }

  private runIn(cwd: string, args: readonly string[]): Promise<GitOutcome> {
    const env = {
      PATH: process.env.PATH,
      LC_ALL: "C",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: devNull,
      GIT_TERMINAL_PROMPT: "0",
      GIT_AUTHOR_NAME: "Ann",
      GIT_AUTHOR_EMAIL: "ann@example.com",
      GIT_COMMITTER_NAME: "Ann",
      GIT_COMMITTER_EMAIL: "ann@example.com",
    };
    return new Promise((resolve) => {
      execFile("git", args, { cwd, env }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      });
    });
  }
}
