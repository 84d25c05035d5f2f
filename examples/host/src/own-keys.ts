import { randomBytes } from "node:crypto";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ConfigurationError } from "./configuration-error.js";
import { makeOwnFolder } from "./own-folder.js";

const keysSchema = z.object({
  /** The key that encrypts stored tokens, as `kid:base64key`. */
  encryptionKeys: z.string().min(1),
  /** The secret that signs bearer tokens. */
  jwtSecret: z.string().min(32),
});

/** The generated keys of a host on GitHub in a box. */
export type OwnKeys = z.infer<typeof keysSchema>;

/** Reads the keys from a folder, or generates and stores them. @throws ConfigurationError when they cannot be read or stored */
export async function ownKeys(folder: string): Promise<OwnKeys> {
  const file = join(folder, "keys.json");
  await makeOwnFolder("DATA_DIR", folder);
  const generated: OwnKeys = {
    encryptionKeys: `k1:${randomBytes(32).toString("base64")}`,
    jwtSecret: randomBytes(32).toString("base64url"),
  };
  try {
    await writeFile(file, `${JSON.stringify(generated, null, 2)}\n`, { mode: 0o600, flag: "wx" });
    return generated;
  } catch (error) {
    const isThere = error instanceof Error && "code" in error && error.code === "EEXIST";
    if (!isThere)
      throw new ConfigurationError(
        `DATA_DIR: ${file} cannot be written. Set it to a folder that this process can write to.`,
      );
  }
  return readKeys(file);
}

async function readKeys(file: string): Promise<OwnKeys> {
  try {
    await chmod(file, 0o600);
    return keysSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    throw new ConfigurationError(
      `${file} does not contain valid keys. Remove it and the database beside it to start over.`,
    );
  }
}
