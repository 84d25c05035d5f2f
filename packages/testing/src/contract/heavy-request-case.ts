import assert from "node:assert/strict";
import { connect } from "node:net";
import * as z from "zod";
import { contractCase } from "./contract-case.js";
import { type HeavyRequest, heavyRequests } from "./heavy-requests.js";
import { type LoopCosts, measureLoop } from "./loop-meter.js";

const MAX_STALL_MS = 200;
const MAX_GROWTH_BYTES = 50 * 1024 * 1024;
const errorSchema = z.strictObject({
  detail: z.string(),
  code: z.string(),
  errors: z.array(z.unknown()).max(20).optional(),
});

/** The number of requests, and the seed that they are made from. */
export interface HeavyRequestOptions {
  readonly seed: number;
  readonly count: number;
}

/**
 * A contract case for hosts in the process of the test: random requests with large, deep, wide or slow bodies stall the event loop
 * for at most 200 ms, use at most 50 MB each, and receive a response.
 */
export function heavyRequestCase({ seed, count }: HeavyRequestOptions) {
  return contractCase(`heavy requests of seed ${seed} are answered without stalling the host`, async (scene) => {
    const headers = {
      authorization: `Bearer ${await scene.host.tokenFor(scene.name("user"))}`,
      "x-github-event": "ping",
      "x-github-delivery": scene.name("delivery"),
      "x-hub-signature-256": `sha256=${"0".repeat(64)}`,
    };
    const breaches: string[] = [];
    for (const request of heavyRequests(seed, count)) {
      let response = "";
      const attempt = () =>
        measureLoop(async () => {
          response = await send(scene.host.baseUrl, request, headers);
        });
      const { stallMs, growthBytes } = await leastCosts(attempt);
      if (!isDocumented(response)) breaches.push(`${request.name} returned ${response.slice(0, 300)}`);
      if (stallMs > MAX_STALL_MS) breaches.push(`${request.name} stalled the event loop for ${stallMs.toFixed()} ms`);
      if (growthBytes > MAX_GROWTH_BYTES) breaches.push(`${request.name} used ${(growthBytes / 2 ** 20).toFixed()} MB`);
    }
    assert.deepEqual(breaches, []);
  });
}

/**
 * Returns the least costs of up to three attempts. Stops at the first one within the limits. What the request costs is in every
 * attempt; a compilation, a collection of older garbage, or another process on the same core is not.
 */
async function leastCosts(attempt: () => Promise<LoopCosts>): Promise<LoopCosts> {
  let [stallMs, growthBytes] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let made = 0; made < 3 && (stallMs > MAX_STALL_MS || growthBytes > MAX_GROWTH_BYTES); made += 1) {
    const costs = await attempt();
    [stallMs, growthBytes] = [Math.min(stallMs, costs.stallMs), Math.min(growthBytes, costs.growthBytes)];
  }
  return { stallMs, growthBytes };
}

/** Sends bytes that were made before, since making them would count as a stall. */
function send(baseUrl: string, { method, path, body, pieceBytes }: HeavyRequest, headers: object): Promise<string> {
  const { hostname, port, pathname, host } = new URL(baseUrl);
  const lines = Object.entries({ ...headers, host, connection: "close", "content-type": "application/json" });
  const head = [`${method} ${pathname}${path} HTTP/1.1`, ...lines.map(([name, value]) => `${name}: ${value}`)];
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    const parts: Buffer[] = [];
    socket.on("data", (part) => parts.push(part));
    socket.on("error", (error) => (parts.length === 0 ? reject(error) : undefined));
    socket.on("close", () => resolve(Buffer.concat(parts).toString("utf8")));
    socket.write(`${head.join("\r\n")}\r\ncontent-length: ${body.length}\r\n\r\n`);
    let offset = 0;
    const next = (): void => {
      if (offset >= body.length || socket.destroyed) return;
      const piece = body.subarray(offset, offset + pieceBytes);
      offset += piece.length;
      socket.write(piece, () => setImmediate(next));
    };
    next();
  });
}

function isDocumented(response: string): boolean {
  const [head = "", body = ""] = response.split("\r\n\r\n");
  const status = Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0);
  // Paths that no endpoint has are the host's, and the server itself refuses headers that are too large.
  if (status < 400 || [404, 414, 431].includes(status)) return status >= 200;
  if (status === 500) return false;
  return errorSchema.safeParse(JSON.parse(body.slice(body.indexOf("{"), body.lastIndexOf("}") + 1))).success;
}
