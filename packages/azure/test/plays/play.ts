import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { SyncRequest } from "@infrajet/github";
import { type BoxRepository, createGitHubBox, type GitHubBox } from "@infrajet/github-testing";
import { Lineage } from "./lineage.js";
import { PlayHost } from "./play-host.js";
import type { ProjectSide } from "./project-side.js";

export const PATHS = ["a", "b", "d/e"] as const;
export const HOSTS = 2;

/** A person's edit on the branch, or in the project of a host. */
export interface Edit {
  readonly kind: "edit" | "delete";
  readonly side: "branch" | "project";
  readonly host: number;
  readonly path: (typeof PATHS)[number];
  readonly isTop: boolean;
}

/** A sync, with the edits that are made before each of its requests to GitHub. */
export interface SyncStep {
  readonly kind: "sync";
  readonly host: number;
  readonly direction: "push" | "pull" | "two_way";
  readonly strategy: "merge" | "fail" | "ours" | "theirs";
  readonly onConflict: "stop" | "skip";
  /** The request to GitHub at which the process dies; `null` for none. */
  readonly crashAt: number | null;
  readonly between: readonly (Edit | null)[];
}

const run = promisify(execFile);
const KEPT = /^\.infrajet\/kept\/[^/]+\//;
const REST: Partial<SyncRequest> = {
  ...{ direction: "two_way", strategy: "merge", onConflict: "skip" },
  ...{ allowMassDeletion: true, allowEmptyProject: true },
};

/** Two hosts, each with a project, and one branch. People edit all of them, also while a sync runs. */
export class Play {
  readonly #lineage = new Lineage();
  readonly #history: (readonly [string, string])[] = [];
  readonly #box: GitHubBox;
  readonly #repository: BoxRepository;
  readonly #hosts: readonly PlayHost[];
  readonly #released = signal();

  private constructor(box: GitHubBox, repository: BoxRepository, hosts: readonly PlayHost[]) {
    this.#box = box;
    this.#repository = repository;
    this.#hosts = hosts;
  }

  static async open(newSide: () => Promise<ProjectSide>): Promise<Play> {
    const box = await createGitHubBox();
    box.addUser({ login: "ada" });
    const repository = await box.createRepository({ owner: "ada", name: "infra", autoInit: true });
    const { apiUrl } = await box.listen();
    const auth = box.addToken({ login: "ada", scopes: ["repo", "workflow"] });
    const sides = await Promise.all(Array.from({ length: HOSTS }, newSide));
    return new Play(
      box,
      repository,
      sides.map((side) => new PlayHost(side, apiUrl, auth)),
    );
  }

  async step(step: Edit | SyncStep): Promise<void> {
    await (step.kind === "sync" ? this.#sync(step) : this.#edit(step));
  }

  /** Returns the edits that are neither at their path, nor part of what is there, nor in the history, nor kept. */
  async lost(): Promise<string[]> {
    // What a process that died was about to put in place lies beside it until the next sync.
    if (this.#hosts.some(({ isInterrupted }) => isInterrupted)) return [];
    const inProjects = this.#hosts.flatMap(({ side }) => [...side.files()]);
    const versions = inProjects.map(([path, text]): [string, string] => [path.replace(KEPT, ""), text]);
    await this.#remember();
    const lost = this.#lineage.lost([...versions, ...this.#history]);
    if (lost.length === 0) return lost;
    // A sync may have moved the branch between two looks at it.
    this.#history.push(...(await allVersions(this.#repository.gitDir)));
    return this.#lineage.lost([...versions, ...this.#history]);
  }

  /** Syncs both hosts until nothing changes. Returns whether they came to rest, and the differences of hosts without conflicts. */
  async rest(): Promise<{ readonly isResting: boolean; readonly differences: readonly unknown[] }> {
    for (let round = 0; round <= HOSTS + 1; round++) await this.#round();
    const before = await this.#repository.head();
    const differences = await this.#round();
    return { isResting: before === (await this.#repository.head()), differences };
  }

  async close(): Promise<void> {
    this.#released.resolve();
    for (const host of this.#hosts) await host.close();
    await this.#box.close();
  }

  async #round(): Promise<readonly unknown[]> {
    const differences: unknown[] = [];
    for (const [index, host] of this.#hosts.entries()) {
      const record = await host.sync(REST, new Promise(() => {}));
      if (record === null) differences.push({ index, problem: "refused" });
      else if (record.error !== null) differences.push({ index, error: record.error });
      else if (record.conflicts.every(({ resolved }) => resolved)) {
        const project = ownFiles(host.side);
        const branch = await this.#branch();
        if (JSON.stringify(project) !== JSON.stringify(branch)) differences.push({ index, project, branch });
      }
    }
    return differences;
  }

  async #sync({ kind: _kind, host: at, crashAt, between, ...options }: SyncStep): Promise<void> {
    const host = this.#hosts[at];
    if (host === undefined) return;
    const crashed = signal();
    let number = 0;
    const remove = this.#box.control.beforeRequest(async () => {
      const edit = between[number] ?? null;
      const isCrash = number === crashAt;
      number += 1;
      if (edit !== null) await this.#edit(edit);
      if (!isCrash) return;
      crashed.resolve();
      await this.#released.promise;
    });
    await host.sync({ ...options, allowMassDeletion: true, allowEmptyProject: true }, crashed.promise);
    remove();
  }

  async #edit({ kind, side, host, path, isTop }: Edit): Promise<void> {
    if (side === "branch") return this.#editBranch(kind, path, isTop);
    const project = this.#hosts[host]?.side;
    if (project === undefined) return;
    const before = project.read(path);
    if (kind === "edit") project.write(path, this.#lineage.edit(path, before, isTop));
    else if (before !== undefined) {
      this.#lineage.giveUp(path, before);
      project.remove(path);
    }
  }

  async #editBranch(kind: Edit["kind"], path: string, isTop: boolean): Promise<void> {
    const before = (await this.#remember()).get(path);
    if (kind === "delete" && before === undefined) return;
    if (kind === "delete" && before !== undefined) this.#lineage.giveUp(path, before);
    const text = kind === "delete" ? null : this.#lineage.edit(path, before, isTop);
    await this.#repository.commit({ files: { [path]: text } });
  }

  /** Adds the branch's files to the history. Returns them. */
  async #remember(): Promise<ReadonlyMap<string, string>> {
    const files = new Map(await this.#branch());
    this.#history.push(...files);
    return files;
  }

  async #branch(): Promise<[string, string][]> {
    const files = await this.#repository.files();
    return [...files]
      .filter(([path]) => path !== "README.md")
      .map(([path, { content }]): [string, string] => [path, content.toString("utf8")])
      .sort();
  }
}

/** Returns every version of every file in the history of a repository's branches. */
async function allVersions(gitDir: string): Promise<[string, string][]> {
  const git = async (...args: string[]): Promise<string> => (await run("git", ["-C", gitDir, ...args])).stdout;
  const objects = (await git("rev-list", "--objects", "--branches")).split("\n").map((line) => line.split(" "));
  const versions: [string, string][] = [];
  for (const [oid = "", path = ""] of objects) {
    if (path === "" || (await git("cat-file", "-t", oid)).trim() !== "blob") continue;
    versions.push([path, await git("cat-file", "blob", oid)]);
  }
  return versions;
}

function ownFiles(side: ProjectSide): [string, string][] {
  return [...side.files()].filter(([path]) => !path.startsWith(".infrajet/") && path !== "README.md").sort();
}

/** A promise that is resolved from outside. */
function signal(): { readonly promise: Promise<void>; resolve(): void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve: () => resolve() };
}
