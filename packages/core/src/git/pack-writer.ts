import { createHash } from "node:crypto";
import type { Deflated } from "./deflated.js";
import { OBJECT_ID_BYTES, type ObjectFormat, type ObjectType } from "./object-id.js";

/** One object of a pack. */
export interface PackObject {
  readonly type: ObjectType;
  readonly content: Deflated;
}

const TYPE_NUMBERS: Readonly<Record<ObjectType, number>> = { commit: 1, tree: 2, blob: 3, tag: 4 };
const HEADER_BYTES = 12;
// Small objects go out together: one write for each would cost more than what is in it.
const PIECE_BYTES = 64 * 1024;

/** Bytes of the pack that `writePack` makes of the same objects. */
export function packSize(objects: readonly PackObject[], format: ObjectFormat): number {
  const contents = objects.reduce(
    (sum, { type, content }) => sum + objectHeader(type, content.size).length + content.deflatedSize,
    0,
  );
  return HEADER_BYTES + contents + OBJECT_ID_BYTES[format];
}

/**
 * Writes a pack of version 2 with whole objects, piece by piece. Its last piece is the checksum alone: until it has come, a
 * receiver can do nothing with the pack.
 *
 * @param onObject called after each object, with the number of objects so far
 * @see https://git-scm.com/docs/gitformat-pack
 */
export async function* writePack(
  objects: readonly PackObject[],
  format: ObjectFormat,
  onObject: (count: number) => void = () => {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const checksum = createHash(format);
  for await (const piece of gathered(packContents(objects, onObject))) {
    checksum.update(piece);
    yield piece;
  }
  yield checksum.digest();
}

async function* packContents(
  objects: readonly PackObject[],
  onObject: (count: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield packHeader(objects.length);
  for (const [index, { type, content }] of objects.entries()) {
    yield objectHeader(type, content.size);
    yield* content.pieces();
    onObject(index + 1);
  }
}

/** The same bytes in fewer pieces. */
async function* gathered(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  for await (const piece of pieces) {
    waiting.push(piece);
    length += piece.length;
    if (length < PIECE_BYTES) continue;
    yield waiting.length === 1 ? piece : Buffer.concat(waiting, length);
    waiting = [];
    length = 0;
  }
  if (length > 0) yield Buffer.concat(waiting, length);
}

function packHeader(objects: number): Uint8Array {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write("PACK", "latin1");
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(objects, 8);
  return header;
}

/** Type and size: four bits of the size in the first byte, seven in each that follows, the lowest first. */
function objectHeader(type: ObjectType, size: number): Uint8Array {
  const bytes: number[] = [];
  let byte = (TYPE_NUMBERS[type] << 4) | (size & 0x0f);
  for (let rest = Math.floor(size / 16); ; rest = Math.floor(rest / 128)) {
    if (rest === 0) return Uint8Array.from([...bytes, byte]);
    bytes.push(byte | 0x80);
    byte = rest & 0x7f;
  }
}
