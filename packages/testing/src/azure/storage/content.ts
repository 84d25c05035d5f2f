/** Bytes that were written, and where they begin. */
interface Extent {
  start: number;
  bytes: Uint8Array;
}

/** A range of bytes, both ends included. */
export interface ByteRange {
  start: number;
  end: number;
}

/** Azure keeps track of what was written in pages of this size. */
const PAGE = 512;
const ZEROS = new Uint8Array(64 * 1024);

/**
 * What is in a file: extents of bytes with zeros between them. It never changes, a write makes a new one, so a snapshot costs
 * nothing; bytes are kept as they were given, never copied.
 */
export class Content {
  private constructor(
    readonly size: number,
    private readonly extents: readonly Extent[],
  ) {}

  /** So many zeros, none of them written. */
  static zeros(size: number): Content {
    return new Content(size, []);
  }

  /** These bytes. */
  static of(bytes: Uint8Array): Content {
    return new Content(bytes.length, bytes.length === 0 ? [] : [{ start: 0, bytes }]);
  }

  /** Cut to this size, or followed by zeros up to it. */
  resize(size: number): Content {
    return new Content(size, cut(this.extents, size, Number.POSITIVE_INFINITY));
  }

  /** With these bytes from `start` on; the size stays. */
  write(start: number, bytes: Uint8Array): Content {
    if (bytes.length === 0) return this;
    const others = cut(this.extents, start, start + bytes.length);
    return new Content(this.size, sorted([...others, { start, bytes }]));
  }

  /** With zeros in a range: its whole pages count as never written, the rest as written. */
  clear({ start, end }: ByteRange): Content {
    const firstPage = Math.ceil(start / PAGE) * PAGE;
    const isLast = end + 1 >= this.size;
    const afterPages = isLast ? this.size : Math.floor((end + 1) / PAGE) * PAGE;
    if (firstPage >= afterPages) return this.write(start, new Uint8Array(end + 1 - start));
    return new Content(this.size, cut(this.extents, firstPage, afterPages))
      .write(start, new Uint8Array(firstPage - start))
      .write(afterPages, new Uint8Array(Math.max(0, end + 1 - afterPages)));
  }

  /** What was written, in whole pages. */
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

  /** The next bytes from `start` on, at least one and at most `limit`: a view of what is kept. Empty at the end of the file. */
  piece(start: number, limit: number): Uint8Array {
    const length = Math.min(limit, this.size - start);
    if (length <= 0) return new Uint8Array();
    const extent = this.extents.find((candidate) => start < candidate.start + candidate.bytes.length);
    if (extent === undefined) return ZEROS.subarray(0, length);
    if (start < extent.start) return ZEROS.subarray(0, Math.min(length, extent.start - start));
    return extent.bytes.subarray(start - extent.start, start - extent.start + length);
  }

  /** A range as one piece; a copy only where it spans several extents. */
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

/** The extents without what lies in `[from, to)`. */
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
