import { execFile } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { chmod, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { BoxRepository, RequestInfo } from "@infrajet/github-testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Client, Json } from "./client.js";
import { GivenFixture } from "./given-fixture.js";
import type { HostProcess } from "./host-process.js";
import { type OwnDatabase, ownDatabase } from "./own-database.js";

const SERVER = process.env.INFRAJET_TEST_POSTGRES_URL;
/** Set INFRAJET_KILL_AT=1,20,50,79 for more cases. */
const MOMENTS = (process.env.INFRAJET_KILL_AT ?? "30").split(",").map(Number);

const USER = "ada";
const REPOSITORIES = 10;
const PROJECTS_EACH = 8;
/** The projects of each repository for which a second sync is requested before the first one has ended. */
const SYNCED_TWICE = ["stack-0", "stack-5"];
const SYNCS = REPOSITORIES * (PROJECTS_EACH + SYNCED_TWICE.length);

/** A project that is synced to a directory of a repository. */
interface Project {
  readonly id: string;
  readonly repository: BoxRepository;
  readonly directory: string;
  readonly files: Readonly<Record<string, string>>;
}

const run = promisify(execFile);

describe.skipIf(SERVER === undefined)("a host on PostgreSQL after SIGKILL", () => {
  let fixture: GivenFixture;
  let database: OwnDatabase;
  let repositories: readonly BoxRepository[];
  let projects: readonly Project[];

  beforeEach(async () => {
    fixture = await GivenFixture.open();
    database = await ownDatabase(SERVER ?? "");
    repositories = await Promise.all(
      // The first two are empty, so that their first commit is made with the push writer.
      Array.from({ length: REPOSITORIES }, (_, number) =>
        fixture.box.createRepository({ owner: USER, name: `live-${number}`, autoInit: number > 1 }),
      ),
    );
    projects = (await Promise.all(repositories.map(makeProjects))).flat();
  });
  afterEach(async () => {
    await fixture.close();
    await database.drop();
  });

  it.each(MOMENTS)(
    `completes all ${SYNCS} syncs with exactly one commit each when it was killed at commit %i`,
    async (moment) => {
      const environment = { ...fixture.environment, PROJECTS_DIR: "projects", DATABASE_URL: database.url };
      const first = fixture.start("express", { ...environment, SYNC_WAIT_SECONDS: "0" });
      const begun = await killAmidSyncs(first, moment);

      // Leases outlast the longest request to GitHub and end only by time.
      await database.run("UPDATE github_leases SET expires_at = '1970-01-01'");
      const client = await fixture.clientOf(fixture.start("fastify", environment), USER);
      // Each poll reads the history of every project, which competes with the syncs for the database.
      await expect.poll(() => endedSyncs(client), { timeout: 300_000, interval: 2_000 }).toBe(SYNCS);
      const left = await recordsOf(client);
      expect(left.map(({ id }) => String(id)).sort()).toEqual([...begun].sort());
      for (const { id } of left.filter(({ sync_status: status }) => status === "failed")) {
        expect(await client.send("/sync/retry", { sync_record_id: id })).toMatchObject({ status: "completed" });
      }
      const records = await recordsOf(client);
      expect(records.filter(({ sync_status: status }) => status !== "completed")).toEqual([]);
      await Promise.all(repositories.map((repository) => expectEachCommitOnce(repository, records)));
    },
    400_000,
  );

  async function makeProjects(repository: BoxRepository): Promise<readonly Project[]> {
    const directories = Array.from({ length: PROJECTS_EACH }, (_, index) => `stack-${index}`);
    const made = directories.map((directory) => {
      const id = `${repository.name}-${directory}`;
      return { id, repository, directory, files: { "main.tf": `# ${id}\n`, "modules/a/main.tf": "\n", "x.sh": "" } };
    });
    for (const { id, directory, files } of made) {
      const root = join("projects", USER, id);
      for (const [path, content] of Object.entries(files)) await fixture.put(join(root, path), content);
      // A mode that not every writer supports.
      if (directory === "stack-0") await chmod(join(fixture.folder, root, "x.sh"), 0o755);
    }
    return made;
  }

  /**
   * Requests every sync and kills the host when the branches have `moment` new commits, so that the host does not receive the
   * responses to the last ones. Returns the ids of the syncs.
   */
  async function killAmidSyncs(host: HostProcess, moment: number): Promise<readonly string[]> {
    const steps = new EventEmitter();
    const all = once(steps, "begun");
    const killed = once(steps, "killed");
    const before = await commitsMade();
    fixture.box.control.beforeRequest(async (request) => {
      if (isMove(request)) await all;
    });
    const watch = fixture.box.control.afterRequest(async (request) => {
      if (!isMove(request) || (await commitsMade()) - before < moment) return;
      watch();
      steps.emit("killed", await host.kill());
    });
    const client = await fixture.clientOf(host, USER);
    await fixture.connect(client, USER);
    const again = projects.filter(({ directory }) => SYNCED_TWICE.includes(directory));
    const begun = await Promise.all([...projects, ...again].map((project) => sync(client, project)));
    steps.emit("begun");
    await killed;
    return begun;
  }

  async function commitsMade(): Promise<number> {
    const logs = await Promise.all(repositories.map((repository) => repository.log()));
    return logs.flat().length;
  }

  async function recordsOf(client: Client): Promise<readonly Json[]> {
    const histories = await Promise.all(projects.map(({ id }) => client.read(`/sync/history/${id}`)));
    return histories.flatMap(({ sync_records: records }) => (Array.isArray(records) ? records : []));
  }

  /** Checks that the branch contains its projects and exactly one commit of each sync that wrote files. */
  async function expectEachCommitOnce(repository: BoxRepository, records: readonly Json[]): Promise<void> {
    const writers = records
      .filter((record) => record.github_repository === repository.fullName && Number(record.files_synced) > 0)
      .map(({ id, last_commit_sha: commit }) => `${commit} ${id}`);
    const clone = join(fixture.folder, repository.name);
    await run("git", ["clone", "--quiet", `${fixture.github.serverUrl}/${repository.fullName}.git`, clone]);
    const format = "--format=%H %(trailers:key=Infrajet-Sync,valueonly,separator=,)";
    const { stdout } = await run("git", ["-C", clone, "log", format]);
    const made = stdout.split("\n").filter((line) => line.includes("/"));
    expect(made.map((line) => line.replace(/\/.*/, "")).sort()).toEqual(writers.sort());
    expect(made).toHaveLength(PROJECTS_EACH);
    for (const { directory, files } of projects.filter((project) => project.repository === repository)) {
      for (const [path, content] of Object.entries(files)) {
        expect(await readFile(join(clone, directory, path), "utf8")).toBe(content);
      }
    }
    await repository.fsck();
  }
});

async function sync(client: Client, { id, repository, directory }: Project): Promise<string> {
  const request = { project_id: id, repository_full_name: repository.fullName, directory };
  return String((await client.send("/sync/project", request)).sync_id);
}

async function endedSyncs(client: Client): Promise<number> {
  const { successful_syncs: successful, failed_syncs: failed } = await client.read("/sync/metrics");
  return Number(successful) + Number(failed);
}

/** True for a request that updates a branch. */
function isMove({ operation, path }: RequestInfo): boolean {
  return operation === "createCommitOnBranch" || operation === "updateRefs" || path.endsWith("/git-receive-pack");
}
