import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Row } from "./row.js";

const FILES_A_FOLDER = 50;

/** Returns the paths of a row's project. */
export function pathsOf({ texts, binaries }: Row): readonly string[] {
  const path = (number: number, ending: string): string =>
    `part-${Math.floor(number / FILES_A_FOLDER)}/file-${number}.${ending}`;
  return [
    ...Array.from({ length: texts }, (_, number) => path(number, "tf")),
    ...Array.from({ length: binaries }, (_, number) => path(texts + number, "bin")),
  ];
}

/** Returns the content of a file, which is the same in every run: text that compresses like configuration, or incompressible bytes. */
export function contentOf(path: string, bytes: number, version: number): Buffer {
  return path.endsWith(".bin") ? noise(`${path} ${version}`, bytes) : configuration(path, bytes, version);
}

/** Writes the project into a folder. */
export async function writeProject(folder: string, row: Row): Promise<void> {
  for (const path of pathsOf(row)) await writeVersion(folder, path, row.bytes, 1);
}

/** Writes one version of a file. */
export async function writeVersion(folder: string, path: string, bytes: number, version: number): Promise<void> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, contentOf(path, bytes, version));
}

function configuration(path: string, bytes: number, version: number): Buffer {
  const lines: string[] = [`# ${path}, version ${version}`];
  for (let size = 0, line = 0; size < bytes; line += 1) {
    const id = createHash("sha256").update(`${path} ${line}`).digest("hex").slice(0, 12);
    const text = `resource "azurerm_subnet" "s${line}" { name = "subnet-${id}", network = module.network.id }`;
    lines.push(text);
    size += text.length + 1;
  }
  return Buffer.from(`${lines.join("\n")}\n`);
}

function noise(seed: string, bytes: number): Buffer {
  const blocks: Buffer[] = [];
  for (let block = 0; block * 32 < bytes; block += 1) {
    blocks.push(createHash("sha256").update(`${seed} ${block}`).digest());
  }
  return Buffer.concat(blocks).subarray(0, bytes);
}
