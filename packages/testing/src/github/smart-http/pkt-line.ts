/** Encodes a pkt-line: the length followed by the content (gitprotocol-common(5)). */
export function pktLine(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, "0")), bytes]);
}

/** The flush packet, which ends a list. */
export const FLUSH = Buffer.from("0000");

/**
 * Reads the pkt-lines up to the first flush packet. Returns `undefined` while the flush packet is missing.
 */
export function readPktLines(buffer: Buffer): { lines: Buffer[]; rest: Buffer } | undefined {
  const lines: Buffer[] = [];
  for (let at = 0; at + 4 <= buffer.length; ) {
    const length = Number.parseInt(buffer.subarray(at, at + 4).toString("latin1"), 16);
    if (length === 0) return { lines, rest: buffer.subarray(at + 4) };
    if (Number.isNaN(length) || length < 4) throw new Error("malformed pkt-line");
    if (at + length > buffer.length) return undefined;
    lines.push(buffer.subarray(at + 4, at + length));
    at += length;
  }
  return undefined;
}
