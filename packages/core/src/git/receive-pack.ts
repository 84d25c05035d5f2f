import type { ObjectId } from "../domain/repository.js";
import { objectFormatOf } from "./object-id.js";
import { FLUSH_PACKET, pktLine, readPackets } from "./pkt-line.js";

/** A move of one branch, as a push asks for it. */
export interface PushedMove {
  readonly branch: string;
  /** The commit that the branch has to be at; `null` when it must not exist yet. */
  readonly from: ObjectId | null;
  readonly to: ObjectId;
}

/** What became of a push. */
export type PushReport =
  | { readonly moved: true }
  /**
   * `reason` is the server's short word for it, `messages` what it said besides. Broken off: the server gave up without saying
   * what became of the branch.
   */
  | { readonly moved: false; readonly brokenOff: boolean; readonly reason: string; readonly messages: string };

// A server that does not know a capability passes over it, so that nothing has to be asked before.
const CAPABILITIES = "report-status report-status-v2 side-band-64k agent=infrajet-github";

/**
 * What a push sends before its pack.
 *
 * @see https://git-scm.com/docs/gitprotocol-pack#_reference_update_request_and_packfile_transfer
 */
export function pushCommand({ branch, from, to }: PushedMove): Uint8Array {
  const before = from ?? "0".repeat(to.length);
  const format = objectFormatOf(to);
  // Left out, it means SHA-1, also to servers that know of no other.
  const capabilities = format === "sha1" ? CAPABILITIES : `${CAPABILITIES} object-format=${format}`;
  return Buffer.concat([pktLine(`${before} ${to} refs/heads/${branch}\0 ${capabilities}`), FLUSH_PACKET]);
}

/**
 * Reads what a server answered to a push of one branch.
 *
 * @returns `null` when the answer is cut short, or none: the branch may have moved
 * @see https://git-scm.com/docs/gitprotocol-pack#_report_status
 */
export function parsePushReport(answer: Uint8Array, branch: string): PushReport | null {
  const packets = readPackets(answer);
  if (packets === null) return null;
  const { status, messages, fatal } = partBands(packets);
  const outcome = readStatus(status, `refs/heads/${branch}`);
  if (outcome === "ok") return { moved: true };
  if (outcome !== null) return { moved: false, brokenOff: false, reason: outcome, messages };
  return fatal === "" ? null : { moved: false, brokenOff: true, reason: fatal, messages };
}

/** `ok`, or why the ref was not moved; `null` when the report does not say. */
function readStatus(status: Uint8Array, ref: string): string | null {
  const lines = readPackets(status)?.map((line) => Buffer.from(line).toString("utf8").replace(/\n$/, "")) ?? [];
  const unpacked = lines.find((line) => line.startsWith("unpack "))?.slice("unpack ".length);
  if (unpacked !== "ok") return unpacked ?? null;
  if (lines.includes(`ok ${ref}`)) return "ok";
  const refusal = lines.find((line) => line === `ng ${ref}` || line.startsWith(`ng ${ref} `));
  return refusal?.slice(`ng ${ref} `.length) ?? null;
}

/**
 * Whether a server names its objects by SHA-256, by what it says of itself before anything is sent.
 *
 * @param advertisement the answer to `info/refs?service=git-receive-pack`
 * @returns `null` when it is no such answer
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

/** Side-band 1 carries the report, 2 what a person is to read, 3 why everything ended. */
function partBands(packets: readonly Uint8Array[]) {
  const band = (number: number): Buffer =>
    Buffer.concat(packets.filter((packet) => packet[0] === number).map((packet) => packet.subarray(1)));
  return {
    status: band(1),
    messages: band(2).toString("utf8").trim(),
    fatal: band(3).toString("utf8").trim(),
  };
}
