// The length includes its four digits.
const LENGTH_DIGITS = 4;

/** The packet that ends a list. */
export const FLUSH_PACKET: Uint8Array = Buffer.from("0000");

/** Returns a packet of git's wire format. @see https://git-scm.com/docs/gitprotocol-common#_pkt_line_format */
export function pktLine(content: string): Uint8Array {
  const bytes = Buffer.from(content);
  const length = (bytes.length + LENGTH_DIGITS).toString(16).padStart(LENGTH_DIGITS, "0");
  return Buffer.concat([Buffer.from(length), bytes]);
}

/**
 * Parses the packets up to the first flush packet.
 *
 * @returns `null` when the bytes are not packets, or end before a flush packet
 */
export function readPackets(bytes: Uint8Array): readonly Uint8Array[] | null {
  const packets: Uint8Array[] = [];
  for (let at = 0; at + LENGTH_DIGITS <= bytes.length; ) {
    const digits = Buffer.from(bytes.subarray(at, at + LENGTH_DIGITS)).toString("latin1");
    if (!/^[0-9a-f]{4}$/i.test(digits)) return null;
    const length = Number.parseInt(digits, 16);
    if (length === 0) return packets;
    if (length < LENGTH_DIGITS || at + length > bytes.length) return null;
    packets.push(bytes.subarray(at + LENGTH_DIGITS, at + length));
    at += length;
  }
  return null;
}
