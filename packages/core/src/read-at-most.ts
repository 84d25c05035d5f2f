// One-byte pieces cost a hundred times their content: so many are joined at a time.
const MAX_LOOSE_PIECES = 1024;

/**
 * Reads bytes to their end and returns them as one array.
 *
 * It stops at the first piece beyond the limit, and its memory stays proportional to the limit however small the pieces are.
 *
 * @param maxBytes the largest accepted size
 * @param tooLarge makes the error that is thrown for more bytes
 */
export async function readAtMost(
  source: Uint8Array | AsyncIterable<Uint8Array>,
  maxBytes: number,
  tooLarge: () => Error,
): Promise<Uint8Array> {
  if (ArrayBuffer.isView(source)) {
    if (source.byteLength > maxBytes) throw tooLarge();
    return source;
  }
  const blocks: Uint8Array[] = [];
  let loose: Uint8Array[] = [];
  let size = 0;
  for await (const piece of source) {
    size += piece.byteLength;
    if (size > maxBytes) throw tooLarge();
    loose.push(piece);
    if (loose.length < MAX_LOOSE_PIECES) continue;
    blocks.push(Buffer.concat(loose));
    loose = [];
  }
  const pieces = [...blocks, ...loose];
  const [only] = pieces;
  return only !== undefined && pieces.length === 1 ? only : Buffer.concat(pieces, size);
}
