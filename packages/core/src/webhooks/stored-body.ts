import { promisify } from "node:util";
import { inflate, inflateSync } from "node:zlib";
import { deflateBytes } from "../git/deflated.js";

// A small body is decompressed before a thread of the pool would start.
const SMALL = 64 * 1024;
const inflateInPool = promisify(inflate);

/** Compresses the body of a delivery for the store: some databases reject statements of 16 MB, GitHub sends up to 25 MB. */
export function toStoredBody(body: Uint8Array): Promise<Uint8Array> {
  return deflateBytes(body);
}

/** Returns the body of a stored delivery. */
export async function fromStoredBody(stored: Uint8Array): Promise<Uint8Array> {
  return stored.length <= SMALL ? inflateSync(stored) : inflateInPool(stored);
}
