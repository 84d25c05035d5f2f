import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import autocannon from "autocannon";
import type { ServerReady } from "./server.js";

/** A route of ours beside the same by hand, in requests a second. */
export interface Overhead {
  readonly framework: string;
  readonly mounted: number;
  readonly byHand: number;
  /** Median of the rounds' ratios. */
  readonly ratio: number;
}

const ROUNDS = 5;
const SECONDS = 3;
const CONNECTIONS = 20;

/** Asks for `/connection/status` through the mounted endpoints and through a handler by hand, in turns. */
export async function measureOverhead(framework: "express" | "fastify"): Promise<Overhead> {
  const server = fork(fileURLToPath(new URL("./server.ts", import.meta.url)), [framework]);
  try {
    // The server is this folder's own, and sends nothing else.
    const [{ port, token }] = (await once(server, "message")) as [ServerReady];
    const ask = (base: string): Promise<number> =>
      requestsPerSecond(`http://127.0.0.1:${port}${base}/connection/status`, token);
    const rounds: { mounted: number; byHand: number }[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const byHand = await ask("/by-hand");
      const mounted = await ask("/api/v1/github");
      // The first round warms both up.
      if (round > 0) rounds.push({ mounted, byHand });
    }
    return {
      framework,
      mounted: median(rounds.map(({ mounted }) => mounted)),
      byHand: median(rounds.map(({ byHand }) => byHand)),
      ratio: median(rounds.map(({ mounted, byHand }) => mounted / byHand)),
    };
  } finally {
    server.disconnect();
  }
}

async function requestsPerSecond(url: string, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  const { requests, non2xx, errors } = await autocannon({ url, headers, connections: CONNECTIONS, duration: SECONDS });
  if (non2xx + errors > 0) throw new Error(`${url}: ${non2xx} answers were no success, ${errors} requests failed`);
  return requests.average;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
