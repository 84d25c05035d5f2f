import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { devNull, tmpdir } from "node:os";
import { join } from "node:path";
import type { ObjectFormat } from "../../src/domain/repository.js";

/** An empty repository of the installed git, without the configuration of the machine. */
export interface ScratchRepository {
  readonly directory: string;
  /** Runs git and returns its standard output. */
  git(args: readonly string[], options?: GitOptions): Buffer;
  /** Runs git and returns both outputs, whatever its exit code. */
  tryGit(args: readonly string[], options?: GitOptions): { readonly stdout: Buffer; readonly stderr: Buffer };
  remove(): void;
}

interface GitOptions {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
}

const MEBIBYTES_512 = 512 * 1024 * 1024;

export function scratchRepository(format: ObjectFormat = "sha1"): ScratchRepository {
  const directory = mkdtempSync(join(tmpdir(), "infrajet-git-"));
  const settings = ({ input = "", env = {} }: GitOptions = {}) => ({
    cwd: directory,
    input,
    env: { PATH: process.env.PATH, HOME: directory, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: devNull, ...env },
    maxBuffer: MEBIBYTES_512,
  });
  execFileSync("git", ["init", "--quiet", `--object-format=${format}`], settings());
  // The repository need not be durable, and waiting for the disk takes most of the time.
  execFileSync("git", ["config", "core.fsync", "none"], settings());
  return {
    directory,
    git: (args, options) => execFileSync("git", args, { ...settings(options), stdio: "pipe" }),
    tryGit: (args, options) => spawnSync("git", args, settings(options)),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
