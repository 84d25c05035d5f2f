import { EventEmitter, once } from "node:events";
import { chmod, mkdir, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type AzureFilesBox, createAzureFilesBox } from "@infrajet/github-testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GivenFixture } from "./given-fixture.js";
import type { Framework, HostProcess } from "./host-process.js";
import { type OwnDatabase, ownDatabase } from "./own-database.js";

const SERVER = process.env.INFRAJET_TEST_POSTGRES_URL;
/** The files that the pull changes. Set INFRAJET_PULL_FILES=1000 for the larger test. */
const FILES = Number(process.env.INFRAJET_PULL_FILES ?? 120);
/** The percentages of pulled files at which the host is killed. Set INFRAJET_PULL_KILL_AT=1,50,99 for more cases. */
const MOMENTS = (process.env.INFRAJET_PULL_KILL_AT ?? "40").split(",").map(Number);

const USER = "ada";
const PROJECT = "network";
/** Every tenth file is deleted on the branch, every tenth is new there, and every tenth is not changed. */
const ROLES = ["deleted", "added", "untouched", ...Array.from({ length: 7 }, () => "changed" as const)] as const;

interface PulledFile {
  readonly path: string;
  readonly role: (typeof ROLES)[number];
  readonly before: string;
  readonly after: string;
}

const files: readonly PulledFile[] = Array.from({ length: FILES }, (_, number) => ({
  path: `modules/m${number % 20}/f${number}.tf`,
  role: ROLES[number % ROLES.length] ?? "changed",
  before: `# ${number}\n`.repeat(40),
  after: `# ${number} pulled\n`.repeat(60),
}));
const BEFORE = contents(({ role, before }) => (role === "added" ? null : before));
const AFTER = contents(
  ({ role, before, after }) => ({ deleted: null, untouched: before, added: after, changed: after })[role],
);

/** The place of a host's project files. */
interface Place {
  readonly environment: Readonly<Record<string, string>>;
  write(path: string, content: string): Promise<void>;
  /** Returns the content of every file of the project, and of every file that the SDK left behind. */
  read(): Promise<Map<string, string>>;
  /** Returns a text that changes whenever the file is written. */
  version(path: string): Promise<string>;
}

let fixture: GivenFixture;
let database: OwnDatabase;
let azure: AzureFilesBox | null;

describe.skipIf(SERVER === undefined)("a host that was killed while it pulled", () => {
  beforeEach(async () => {
    fixture = await GivenFixture.open();
    database = await ownDatabase(SERVER ?? "");
    azure = null;
  });
  afterEach(async () => {
    await fixture.close();
    await azure?.close();
    await database.drop();
  });

  const cases = MOMENTS.flatMap((moment, index): readonly [string, Framework, number][] => {
    const framework = index % 2 === 0 ? "express" : "fastify";
    return [
      ["a folder", framework, moment],
      ["an Azure file share", framework, moment],
    ];
  });
  it.each(cases)(
    "leaves each file of %s whole when %s is killed at %i percent, and ends the pull after the restart",
    async (kind, framework, moment) => {
      const place = kind === "a folder" ? folderPlace() : await azurePlace();
      const environment = { ...fixture.environment, ...place.environment, DATABASE_URL: database.url };
      await Promise.all(Object.entries(BEFORE).map(([path, content]) => place.write(path, content)));
      const repository = await fixture.box.createRepository({ owner: USER, name: "infra" });
      const first = fixture.start(framework, environment);
      const client = await fixture.clientOf(first, USER);
      await fixture.connect(client, USER);
      const sync = { project_id: PROJECT, repository_full_name: repository.fullName };
      expect(await client.send("/sync/project", { ...sync, wait: 120 })).toMatchObject({ status: "completed" });
      await repository.commit({ files: changesOnBranch() });
      const untouched = await versions(place);

      const killed = killAt(first, Math.max(1, Math.floor((moment / 100) * FILES * 0.8)));
      const { sync_id: id } = await client.send("/sync/project", { ...sync, direction: "pull", wait: 0 });
      await killed;
      for (const [path, content] of await place.read()) {
        const whole = [BEFORE[path], AFTER[path]];
        if (path in BEFORE || path in AFTER) expect(whole, `${path} at the time of the kill`).toContain(content);
      }

      // Leases outlast the longest request to GitHub and end only by time.
      await database.run("UPDATE github_leases SET expires_at = '1970-01-01'");
      const again = await fixture.clientOf(
        fixture.start(framework === "express" ? "fastify" : "express", environment),
        USER,
      );
      const status = async (): Promise<unknown> => (await again.read(`/sync/status/${PROJECT}`)).status;
      await expect.poll(status, { timeout: 240_000, interval: 200 }).toBe("completed");
      expect(await again.read(`/sync/history/${PROJECT}?limit=1`)).toMatchObject({
        sync_records: [{ id: Number(id) }],
      });
      expect(Object.fromEntries(await place.read())).toEqual(AFTER);
      expect(await versions(place)).toEqual(untouched);
    },
  );
});

function contents(content: (file: PulledFile) => string | null): Readonly<Record<string, string>> {
  return Object.fromEntries(
    files.flatMap((file): [string, string][] => {
      const text = content(file);
      return text === null ? [] : [[file.path, text]];
    }),
  );
}

function changesOnBranch(): Record<string, string | null> {
  const changed = files.filter(({ role }) => role !== "untouched");
  return Object.fromEntries(changed.map(({ path }) => [path, AFTER[path] ?? null]));
}

function versions(place: Place): Promise<readonly string[]> {
  return Promise.all(files.filter(({ role }) => role === "untouched").map(({ path }) => place.version(path)));
}

/** Kills a host when GitHub has sent the contents of so many files. */
async function killAt(host: HostProcess, count: number): Promise<void> {
  const steps = new EventEmitter();
  const killed = once(steps, "killed");
  let sent = 0;
  const stop = fixture.box.control.afterRequest(async ({ route }) => {
    if (!route.includes("/git/blobs/")) return;
    sent += 1;
    if (sent !== count) return;
    stop();
    steps.emit("killed", await host.kill());
  });
  await killed;
}

function folderPlace(): Place {
  const root = join(fixture.folder, "projects", USER, PROJECT);
  return {
    environment: { PROJECTS_DIR: "projects" },
    async write(path, content) {
      const file = join(root, path);
      await mkdir(join(file, ".."), { recursive: true });
      await writeFile(file, content);
      await chmod(file, 0o640);
      await utimes(file, 1, 1);
    },
    async read() {
      const entries = await readdir(root, { recursive: true, withFileTypes: true });
      const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
      return new Map(
        await Promise.all(
          paths.map(
            async (path): Promise<[string, string]> => [path.slice(root.length + 1), await readFile(path, "utf8")],
          ),
        ),
      );
    },
    async version(path) {
      const { mtimeMs, mode, ino } = await stat(join(root, path));
      return `${mtimeMs} ${mode} ${ino}`;
    },
  };
}

async function azurePlace(): Promise<Place> {
  const box = await createAzureFilesBox();
  azure = box;
  await box.listen();
  const share = box.createShare("projects");
  const prefix = `generated/${USER}/${PROJECT}/`;
  return {
    environment: {
      AZURE_STORAGE_CONNECTION_STRING: box.connectionString,
      AZURE_FILE_SHARE_NAME: share.name,
      AZURE_BASE_DIRECTORY: "generated",
    },
    write: async (path, content) => void share.write(prefix + path, content),
    read: async () =>
      new Map([...share.files()].map(([path, file]) => [path.replace(prefix, ""), file.bytes.toString()])),
    version: async (path) => share.file(prefix + path)?.etag ?? "",
  };
}
