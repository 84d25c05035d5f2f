import type { ObjectId } from "../domain/repository.js";
import { objectFormatOf } from "./object-id.js";
import { FLUSH_PACKET, pktLine, readPackets } from "./pkt-line.js";

/** The move of a branch by a push. */
export interface PushedMove {
  readonly branch: string;
  /** The expected head of the branch; `null` when it must not exist yet. */
  readonly from: ObjectId | null;
  readonly to: ObjectId;
}

/** The result of a push. */
export type PushReport =
  | { readonly moved: true }
  /**
   * `reason` is the server's short reason, `messages` its other messages. `brokenOff`: the server aborted without reporting the
   * state of the branch.
   */
  | { readonly moved: false; readonly brokenOff: boolean; readonly reason: string; readonly messages: string };

// A server ignores unknown capabilities, so its own need not be read first.
const CAPABILITIES = "report-status report-status-v2 side-band-64k agent=infrajet-github";

/**
 * Returns the command that a push sends before its pack.
 *
 * @see https://git-scm.com/docs/gitprotocol-pack#_reference_update_request_and_packfile_transfer
 */
export function pushCommand({ branch, from, to }: PushedMove): Uint8Array {
  const before = from ?? "0".repeat(to.length);
  const format = objectFormatOf(to);
  // The default is SHA-1, also for servers that do not know another format.
  const capabilities = format === "sha1" ? CAPABILITIES : `${CAPABILITIES} object-format=${format}`;
  return Buffer.concat([pktLine(`${before} ${to} refs/heads/${branch}\0 ${capabilities}`), FLUSH_PACKET]);
}

/**
 * Parses the response to a push of one branch.
 *
 * @returns `null` when the response is truncated or invalid: the branch may have moved
 * @see https://git-scm.com/docs/gitprotocol-pack#_report_status
 */
export function parsePushReport(response: Uint8Array, branch: string): PushReport | null {
  const packets = readPackets(response);
  if (packets === null) return null;
  const { status, messages, fatal } = splitBands(packets);
  const outcome = readStatus(status, `refs/heads/${branch}`);
  if (outcome === "ok") return { moved: true };
  if (outcome !== null) return { moved: false, brokenOff: false, reason: outcome, messages };
  return fatal === "" ? null : { moved: false, brokenOff: true, reason: fatal, messages };
}

/** Returns `ok`, the reason why the ref was not moved, or `null` when the report does not contain it. */
function readStatus(status: Uint8Array, ref: string): string | null {
  const lines = readPackets(status)?.map((line) => Buffer.from(line).toString("utf8").replace(/\n$/, "")) ?? [];
  const unpacked = lines.find((line) => line.startsWith("unpack "))?.slice("unpack ".length);
  if (unpacked !== "ok") return unpacked ?? null;
  if (lines.includes(`ok ${ref}`)) return "ok";
  const refusal = lines.find((line) => line === `ng ${ref}` || line.startsWith(`ng ${ref} `));
  return refusal?.slice(`ng ${ref} `.length) ?? null;
}

/**
 * Returns the object format that a server advertises.
 *
 * @param advertisement the response to `info/refs?service=git-receive-pack`
 * @returns `null` when the response is not an advertisement
 */
export function advertisedFormat(advertisement: Uint8Array): "sha1" | "sha256" | null {
  const service = readPackets(advertisement);
  if (service === null || service.length !== 1) return null;
  const after = advertisement.subarray((service[0]?.length ?? 0) + 2 * FLUSH_PACKET.length);
  const [first] = readPackets(after) ?? [];
  if (first === undefined) return null;
  const [, capabilities = ""] = Buffer.from(first).toString("utf8").split("\0");
  return /(?:^| )object-format=sha256(?:\s|$)/.test(capabilities) ? "sha256" : "sha1";
}

/** Splits the side-bands: 1 has the report, 2 messages for the user, 3 the reason of an abort. */
function splitBands(packets: readonly Uint8Array[]) {
  const band = (number: number): Buffer =>
    Buffer.concat(packets.filter((packet) => packet[0] === number).map((packet) => packet.subarray(1)));
  return {
    status: band(1),
    messages: band(2).toString("utf8").trim(),
    fatal: band(3).toString("utf8").trim(),
  };
}
