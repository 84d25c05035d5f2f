/** Written bytes at an offset. */
interface Extent {
  start: number;
  bytes: Uint8Array;
}

/** A range of bytes, including both ends. */
export interface ByteRange {
  start: number;
  end: number;
}

/** Size in bytes of the pages in which Azure tracks written ranges. */
const PAGE = 512;
const ZEROS = new Uint8Array(64 * 1024);

/**
 * The content of a file: extents of bytes with zeros between them. It is immutable, so that a snapshot can share it; bytes are
 * not copied.
 */
export class Content {
  private constructor(
    readonly size: number,
    private readonly extents: readonly Extent[],
  ) {}

  /** Creates a content of zeros without written ranges. */
  static zeros(size: number): Content {
    return new Content(size, []);
  }

  /** Creates a content from bytes. */
  static of(bytes: Uint8Array): Content {
    return new Content(bytes.length, bytes.length === 0 ? [] : [{ start: 0, bytes }]);
  }

  /** Returns the content truncated or extended with zeros to a size. */
  resize(size: number): Content {
    return new Content(size, cut(this.extents, size, Number.POSITIVE_INFINITY));
  }

  /** Returns the content with `bytes` at `start`. The size does not change. */
  write(start: number, bytes: Uint8Array): Content {
    if (bytes.length === 0) return this;
    const others = cut(this.extents, start, start + bytes.length);
    return new Content(this.size, sorted([...others, { start, bytes }]));
  }

  /** Returns the content with zeros in a range. Whole pages become unwritten; partial pages become written zeros. */
  clear({ start, end }: ByteRange): Content {
    const firstPage = Math.ceil(start / PAGE) * PAGE;
    const isLast = end + 1 >= this.size;
    const afterPages = isLast ? this.size : Math.floor((end + 1) / PAGE) * PAGE;
    if (firstPage >= afterPages) return this.write(start, new Uint8Array(end + 1 - start));
    return new Content(this.size, cut(this.extents, firstPage, afterPages))
      .write(start, new Uint8Array(firstPage - start))
      .write(afterPages, new Uint8Array(Math.max(0, end + 1 - afterPages)));
  }

  /** Returns the written ranges in whole pages. */
  ranges(): ByteRange[] {
    const ranges: ByteRange[] = [];
    for (const { start, bytes } of this.extents) {
      const from = Math.floor(start / PAGE) * PAGE;
      const to = Math.min(this.size, Math.ceil((start + bytes.length) / PAGE) * PAGE) - 1;
      const last = ranges.at(-1);
      if (last !== undefined && from <= last.end + 1) last.end = Math.max(last.end, to);
      else ranges.push({ start: from, end: to });
    }
    return ranges;
  }

  /** Returns between 1 and `limit` bytes from `start` without a copy; empty at the end of the file. */
  piece(start: number, limit: number): Uint8Array {
    const length = Math.min(limit, this.size - start);
    if (length <= 0) return new Uint8Array();
    const extent = this.extents.find((candidate) => start < candidate.start + candidate.bytes.length);
    if (extent === undefined) return ZEROS.subarray(0, length);
    if (start < extent.start) return ZEROS.subarray(0, Math.min(length, extent.start - start));
    return extent.bytes.subarray(start - extent.start, start - extent.start + length);
  }

  /** Returns the bytes from `start` to `end` (exclusive). Copies only when the range spans several extents. */
  bytes(start = 0, end = this.size): Uint8Array {
    const pieces: Uint8Array[] = [];
    for (let at = start; at < end; ) {
      const piece = this.piece(at, end - at);
      if (piece.length === 0) break;
      pieces.push(piece);
      at += piece.length;
    }
    const [only] = pieces;
    return pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces);
  }
}

/** Returns the extents without the bytes in `[from, to)`. */
function cut(extents: readonly Extent[], from: number, to: number): Extent[] {
  return extents.flatMap(({ start, bytes }) => {
    const end = start + bytes.length;
    if (end <= from || start >= to) return [{ start, bytes }];
    const parts: Extent[] = [];
    if (start < from) parts.push({ start, bytes: bytes.subarray(0, from - start) });
    if (end > to) parts.push({ start: to, bytes: bytes.subarray(to - start) });
    return parts;
  });
}

function sorted(extents: Extent[]): Extent[] {
  return extents.sort((a, b) => a.start - b.start);
}
