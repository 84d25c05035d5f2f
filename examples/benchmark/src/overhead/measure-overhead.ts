import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import autocannon from "autocannon";
import type { ServerReady, ServerWork } from "./server.js";

/** A route of ours beside the same by hand. */
export interface Overhead {
  readonly framework: string;
  readonly mounted: Speed;
  readonly byHand: Speed;
  /** Of the requests a second: median of the rounds' ratios. */
  readonly ratio: number;
  /** Of the requests that the server answers in a second of its processor's: what else the machine does is not in it. */
  readonly workRatio: number;
}

/** How fast answers came. */
export interface Speed {
  readonly perSecond: number;
  /** Microseconds of the server's processor for a request. */
  readonly work: number;
}

type Way = "mounted" | "byHand";

const PATHS: Readonly<Record<Way, string>> = {
  mounted: "/api/v1/github/connection/status",
  byHand: "/by-hand/connection/status",
};

// Many short rounds, in turns: what else the machine does hits both alike.
const WARM_UP = 4;
const ROUNDS = 20;
const SECONDS = 0.5;
const SAMPLE_MILLISECONDS = 50;
const CONNECTIONS = 20;

/** Asks for `/connection/status` through the mounted endpoints and through a handler by hand, in turns. */
export async function measureOverhead(framework: "express" | "fastify"): Promise<Overhead> {
  const server = fork(fileURLToPath(new URL("./server.ts", import.meta.url)), [framework]);
  try {
    // The server is this folder's own: it sends this first, and then what it is asked for.
    const [{ port, token }] = (await once(server, "message")) as [ServerReady];
    const urls = {
      mounted: `http://127.0.0.1:${port}${PATHS.mounted}`,
      byHand: `http://127.0.0.1:${port}${PATHS.byHand}`,
    };
    await requireSameAnswers(urls, token);
    const ask = (way: Way): Promise<Speed> => speedOf(server, urls[way], token);
    const rounds: Record<Way, Speed>[] = [];
    for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
      const [first, second]: readonly [Way, Way] = round % 2 === 0 ? ["byHand", "mounted"] : ["mounted", "byHand"];
      const speeds = { [first]: await ask(first), [second]: await ask(second) } as Record<Way, Speed>;
      if (round >= WARM_UP) rounds.push(speeds);
    }
    return summary(framework, rounds);
  } finally {
    server.disconnect();
  }
}

function summary(framework: string, rounds: readonly Readonly<Record<Way, Speed>>[]): Overhead {
  const medianSpeed = (way: Way): Speed => ({
    perSecond: median(rounds.map((round) => round[way].perSecond)),
    work: median(rounds.map((round) => round[way].work)),
  });
  return {
    framework,
    mounted: medianSpeed("mounted"),
    byHand: medianSpeed("byHand"),
    ratio: median(rounds.map(({ mounted, byHand }) => mounted.perSecond / byHand.perSecond)),
    workRatio: median(rounds.map(({ mounted, byHand }) => byHand.work / mounted.work)),
  };
}

async function speedOf(server: ChildProcess, url: string, token: string): Promise<Speed> {
  const before = await workOf(server);
  const { requests, duration, non2xx, errors } = await autocannon({
    url,
    headers: { authorization: `Bearer ${token}` },
    connections: CONNECTIONS,
    duration: SECONDS,
    sampleInt: SAMPLE_MILLISECONDS,
  });
  if (non2xx + errors > 0) throw new Error(`${url}: ${non2xx} answers were no success, ${errors} requests failed`);
  return { perSecond: requests.total / duration, work: ((await workOf(server)) - before) / requests.total };
}

async function workOf(server: ChildProcess): Promise<ServerWork> {
  const told = once(server, "message");
  server.send("work");
  const [work] = (await told) as [ServerWork];
  return work;
}

/** A handler that does less is no measure: both have to give the same answer, with a good token and without one. */
async function requireSameAnswers(urls: Readonly<Record<Way, string>>, token: string): Promise<void> {
  for (const authorization of [`Bearer ${token}`, ""]) {
    const mounted = await answerOf(urls.mounted, authorization);
    const byHand = await answerOf(urls.byHand, authorization);
    if (isDeepStrictEqual(mounted, byHand)) continue;
    throw new Error(`Not the same: mounted ${JSON.stringify(mounted)}, by hand ${JSON.stringify(byHand)}`);
  }
}

async function answerOf(url: string, authorization: string): Promise<unknown> {
  const response = await fetch(url, { headers: { authorization } });
  const { date: _, ...headers } = Object.fromEntries(response.headers);
  return { status: response.status, headers, body: await response.json() };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
