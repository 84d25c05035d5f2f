import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { GitHubSdkError, type IssuedToken, Secret } from "@infrajet/github";
import { FileLock } from "@infrajet/github/folder";

/** The tokens of a user who signed in. */
export type KeptToken = Pick<IssuedToken, "accessToken" | "accessTokenExpiresAt" | "refreshToken">;

// Another run may wait for its user to enter a code.
const LOCK_TIMEOUT_MS = 15 * 60_000;

/** A file with the token of a user, which only that user can read. One run at a time uses it. */
export class TokenFile {
  readonly path: string;
  readonly #lock: FileLock;

  private constructor(path: string, lock: FileLock) {
    this.path = path;
    this.#lock = lock;
  }

  /** Opens the file. Waits until no other run uses it. @throws GitHubSdkError `store_failed`; the signal's reason */
  static async open(path: string, signal: AbortSignal): Promise<TokenFile> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 }).catch((cause) => {
      throw new GitHubSdkError("store_failed", `The folder of the token ${path} cannot be created.`, { cause });
    });
    const held = () =>
      new GitHubSdkError("store_failed", `Another run still waits for a user to sign in. Wait for its end.`);
    return new TokenFile(path, await FileLock.acquire(`${path}.lock`, { held, timeoutMs: LOCK_TIMEOUT_MS, signal }));
  }

  /** Returns the token; `null` when there is none, or the file is damaged. */
  async read(): Promise<KeptToken | null> {
    try {
      return parse(JSON.parse(await readFile(this.path, "utf8")));
    } catch {
      return null;
    }
  }

  /** Replaces the token. @throws GitHubSdkError `store_failed` */
  async write({ accessToken, accessTokenExpiresAt, refreshToken }: KeptToken): Promise<void> {
    const content = {
      access_token: accessToken.reveal(),
      expires_at: accessTokenExpiresAt?.toISOString() ?? null,
      refresh_token: refreshToken?.reveal() ?? null,
    };
    const temporary = `${this.path}.${process.pid}.tmp`;
    try {
      // A file that is left from an earlier run could have another mode.
      await rm(temporary, { force: true });
      const file = await open(temporary, "wx", 0o600);
      try {
        await file.writeFile(`${JSON.stringify(content)}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, this.path);
    } catch (cause) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw new GitHubSdkError("store_failed", `The token ${this.path} cannot be written.`, { cause });
    }
  }

  close(): Promise<void> {
    return this.#lock.release();
  }
}

function parse(value: unknown): KeptToken | null {
  if (typeof value !== "object" || value === null || !("access_token" in value)) return null;
  const { access_token, expires_at = null, refresh_token = null }: Record<string, unknown> = { ...value };
  if (typeof access_token !== "string" || access_token === "") return null;
  const expiresAt = typeof expires_at === "string" ? new Date(expires_at) : null;
  return {
    accessToken: new Secret(access_token),
    accessTokenExpiresAt: expiresAt === null || Number.isNaN(expiresAt.getTime()) ? null : expiresAt,
    refreshToken: typeof refresh_token === "string" ? new Secret(refresh_token) : null,
  };
}
