import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { compiledProgram } from "../../../.ci/compiled-program.js";
import { tell } from "../../../.ci/secrets/recording.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const READY = /^Listening on (http:\/\/\S+)$/m;

/** The frameworks with an example host. */
export const FRAMEWORKS = ["express", "fastify"] as const;
export type Framework = (typeof FRAMEWORKS)[number];

const program = (framework: Framework): Promise<string> =>
  compiledProgram(new URL(`../../${framework}-app/src/main.ts`, import.meta.url));
const PROGRAMS: Readonly<Record<Framework, string>> = {
  express: await program("express"),
  fastify: await program("fastify"),
};

/** The exit code and output of a host. */
export interface HostEnd {
  /** `null` when it was killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of {@link HostProcess.start}. */
export interface HostOptions {
  readonly framework: Framework;
  readonly env: Readonly<Record<string, string>>;
  /** The working folder. If omitted, `npm run` starts the host in the repository. */
  readonly cwd?: string;
}

/** A host in its own process. */
export class HostProcess {
  readonly end: Promise<HostEnd>;
  #stdout = "";
  #stderr = "";

  private constructor(private readonly child: ChildProcess) {
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    this.end = once(child, "close").then(() => {
      tell(this.#stderr);
      return { code: child.exitCode, stdout: this.#stdout, stderr: this.#stderr };
    });
  }

  static start({ framework, env, cwd }: HostOptions): HostProcess {
    const [command, ...words] =
      cwd === undefined ? ["npm", "run", "--silent", `host:${framework}`] : [process.execPath, PROGRAMS[framework]];
    const { PATH = "", HOME = "" } = process.env;
    const options = { cwd: cwd ?? ROOT, env: { PATH, HOME, PORT: "0", ...env } };
    return new HostProcess(spawn(command, words, { ...options, stdio: ["ignore", "pipe", "pipe"] }));
  }

  /** The standard output so far. */
  get stdout(): string {
    return this.#stdout;
  }

  /** The standard error output so far. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Resolves to the host's URL when it listens. Rejects when it exits before. */
  async address(): Promise<string> {
    for (;;) {
      const address = READY.exec(this.#stdout)?.[1];
      if (address !== undefined) return address;
      const ended = await Promise.race([this.end, once(this.child.stdout ?? this.child, "data").then(() => null)]);
      if (ended !== null) throw new Error(`The host exited with ${ended.code}: ${ended.stderr}`);
    }
  }

  /** Sends SIGTERM, as a supervisor does, and waits for the exit. */
  async stop(): Promise<HostEnd> {
    this.child.kill("SIGTERM");
    return this.end;
  }

  /** Sends SIGKILL and waits for the exit. */
  async kill(): Promise<HostEnd> {
    this.child.kill("SIGKILL");
    return this.end;
  }
}
