import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";

const VERSIONS = "/usr/lib/postgresql";
const run = promisify(execFile);

/** Returns the folder of PostgreSQL's programs, or `null` when it is not installed. */
export function postgresPrograms(): string | null {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS).map(Number).filter(Number.isFinite) : [];
  const folder = join(VERSIONS, String(Math.max(...versions)), "bin");
  return existsSync(join(folder, "pg_ctl")) ? folder : null;
}

/** A PostgreSQL server for one test, which can be stopped without affecting other tests. */
export class PrivatePostgres {
  readonly url: string;

  private constructor(
    private readonly programs: string,
    private readonly folder: string,
    private readonly port: number,
  ) {
    this.url = `postgresql://postgres@127.0.0.1:${port}/postgres`;
  }

  /** Creates and starts a server in a temporary folder. */
  static async create(programs: string): Promise<PrivatePostgres> {
    const folder = await mkdtemp(join(tmpdir(), "infrajet-postgres-"));
    // PostgreSQL does not run as root.
    if (isRoot()) await run("chown", ["postgres", folder]);
    const postgres = new PrivatePostgres(programs, folder, await freePort());
    await postgres.#run("initdb", ["--auth=trust", "--username=postgres", "--no-sync", "--no-instructions"]);
    await postgres.start();
    return postgres;
  }

  /** Starts the server and resolves when it accepts connections. */
  async start(): Promise<void> {
    const options = `-p ${this.port} -k ${this.folder} -c listen_addresses=127.0.0.1 -c fsync=off`;
    await this.#run("pg_ctl", ["--wait", `--log=${join(this.folder, "log")}`, `--options=${options}`, "start"]);
  }

  /** Stops the server at once, like a crash. */
  async stop(): Promise<void> {
    await this.#run("pg_ctl", ["--wait", "--mode=immediate", "stop"]);
  }

  /** Suspends all processes of the server: it keeps its connections but does not respond. */
  async freeze(): Promise<void> {
    const pid = await this.#pid();
    process.kill(pid, "SIGSTOP");
    for (const child of await childrenOf(pid)) process.kill(child, "SIGSTOP");
  }

  /** Resumes the processes of the server. */
  async thaw(): Promise<void> {
    const pid = await this.#pid();
    for (const each of [...(await childrenOf(pid)), pid]) process.kill(each, "SIGCONT");
  }

  /** Stops and removes the server. */
  async remove(): Promise<void> {
    await this.thaw().catch(() => undefined);
    await this.stop().catch(() => undefined);
    await rm(this.folder, { recursive: true, force: true });
  }

  async #pid(): Promise<number> {
    return Number.parseInt(await readFile(join(this.folder, "data/postmaster.pid"), "utf8"), 10);
  }

  async #run(program: string, words: readonly string[]): Promise<void> {
    const command = [join(this.programs, program), `--pgdata=${join(this.folder, "data")}`, ...words];
    const [file = "", ...rest] = isRoot() ? ["runuser", "-u", "postgres", "--", ...command] : command;
    await run(file, rest, { cwd: this.folder });
  }
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

async function childrenOf(pid: number): Promise<readonly number[]> {
  const { stdout } = await run("ps", ["--ppid", String(pid), "-o", "pid="]);
  return stdout.trim().split(/\s+/).map(Number);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== "object" || address === null) throw new Error("No free port was found.");
  return address.port;
}
