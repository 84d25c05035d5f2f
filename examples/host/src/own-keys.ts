import { randomBytes } from "node:crypto";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ConfigurationError } from "./configuration-error.js";
import { makeOwnFolder } from "./own-folder.js";

const keysSchema = z.object({
  /** `kid:base64key`: what stored tokens are encrypted with. */
  encryptionKeys: z.string().min(1),
  /** What bearer tokens are signed with. */
  jwtSecret: z.string().min(32),
});

/** Keys that a host on GitHub in a box made for itself. */
export type OwnKeys = z.infer<typeof keysSchema>;

/** The keys that were kept in the folder, made at the first start. @throws ConfigurationError when they can be neither read nor kept */
export async function ownKeys(folder: string): Promise<OwnKeys> {
  const file = join(folder, "keys.json");
  await makeOwnFolder("DATA_DIR", folder);
  const made: OwnKeys = {
    encryptionKeys: `k1:${randomBytes(32).toString("base64")}`,
    jwtSecret: randomBytes(32).toString("base64url"),
  };
  try {
    await writeFile(file, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600, flag: "wx" });
    return made;
  } catch (error) {
    const isThere = error instanceof Error && "code" in error && error.code === "EEXIST";
    if (!isThere)
      throw new ConfigurationError(
        `DATA_DIR: ${file} cannot be written. Name a folder that this process may write to.`,
      );
  }
  return readKeys(file);
}

async function readKeys(file: string): Promise<OwnKeys> {
  try {
    await chmod(file, 0o600);
    return keysSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    throw new ConfigurationError(`${file} holds no keys: remove it, and the database beside it, to begin anew.`);
  }
}
