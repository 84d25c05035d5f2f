import { createHash } from "node:crypto";
import type { ObjectFormat } from "../domain/repository.js";
import type { Deflated } from "./deflated.js";
import { OBJECT_ID_BYTES, type ObjectType } from "./object-id.js";

/** One object of a pack. */
export interface PackObject {
  readonly type: ObjectType;
  readonly content: Deflated;
}

const TYPE_NUMBERS: Readonly<Record<ObjectType, number>> = { commit: 1, tree: 2, blob: 3, tag: 4 };
const HEADER_BYTES = 12;
// Small objects are joined, since a write for each would cost more than its content.
const PIECE_BYTES = 64 * 1024;

/** Returns the size of the pack that `writePack` writes for the same objects, in bytes. */
export function packSize(objects: readonly PackObject[], format: ObjectFormat): number {
  const contents = objects.reduce(
    (sum, { type, content }) => sum + objectHeader(type, content.size).length + content.deflatedSize,
    0,
  );
  return HEADER_BYTES + contents + OBJECT_ID_BYTES[format];
}

/**
 * Writes a pack of version 2 without deltas, in pieces. The last piece is only the checksum: a receiver cannot use the pack
 * without it.
 *
 * @param onObject called after each object with the number of objects so far
 * @see https://git-scm.com/docs/gitformat-pack
 */
export async function* writePack(
  objects: readonly PackObject[],
  format: ObjectFormat,
  onObject: (count: number) => void = () => {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const checksum = createHash(format);
  for await (const piece of packContents(objects, onObject)) {
    checksum.update(piece);
    yield piece;
  }
  yield checksum.digest();
}

async function* packContents(
  objects: readonly PackObject[],
  onObject: (count: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const gathered = new GatheredParts();
  gathered.add(packHeader(objects.length));
  for (const [index, { type, content }] of objects.entries()) {
    gathered.add(objectHeader(type, content.size));
    for await (const part of content.pieces()) {
      gathered.add(part);
      if (gathered.length >= PIECE_BYTES) yield gathered.take();
    }
    onObject(index + 1);
  }
  if (gathered.length > 0) yield gathered.take();
}

/** Parts that are joined to one piece. */
class GatheredParts {
  #parts: Uint8Array[] = [];
  length = 0;

  add(part: Uint8Array): void {
    this.#parts.push(part);
    this.length += part.length;
  }

  take(): Uint8Array {
    const [only] = this.#parts;
    const piece = only !== undefined && this.#parts.length === 1 ? only : Buffer.concat(this.#parts, this.length);
    this.#parts = [];
    this.length = 0;
    return piece;
  }
}

function packHeader(objects: number): Uint8Array {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write("PACK", "latin1");
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(objects, 8);
  return header;
}

/** Encodes type and size: four bits of the size in the first byte, seven in each following one, the lowest first. */
function objectHeader(type: ObjectType, size: number): Uint8Array {
  const bytes: number[] = [];
  let byte = (TYPE_NUMBERS[type] << 4) | (size & 0x0f);
  for (let rest = Math.floor(size / 16); ; rest = Math.floor(rest / 128)) {
    if (rest === 0) return Uint8Array.from([...bytes, byte]);
    bytes.push(byte | 0x80);
    byte = rest & 0x7f;
  }
}
