import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import autocannon from "autocannon";
import type { ServerReady, ServerWork } from "./server.js";

/** A mounted endpoint compared with an equivalent handwritten handler. */
export interface Overhead {
  readonly framework: string;
  readonly mounted: Speed;
  readonly byHand: Speed;
  /** The ratio of requests per second: the median over all rounds. */
  readonly ratio: number;
  /** The ratio of requests per second of CPU time, which does not depend on the machine's load. */
  readonly workRatio: number;
}

/** The speed of a handler. */
export interface Speed {
  readonly perSecond: number;
  /** Microseconds of CPU time per request. */
  readonly work: number;
}

type Handler = "mounted" | "byHand";

const PATHS: Readonly<Record<Handler, string>> = {
  mounted: "/api/v1/github/connection/status",
  byHand: "/by-hand/connection/status",
};

// Many short, alternating rounds, so that other load on the machine affects both handlers equally.
const WARM_UP = 4;
const ROUNDS = 20;
const SECONDS = 0.5;
const SAMPLE_MILLISECONDS = 50;
const CONNECTIONS = 20;

/** Measures `/connection/status` of the mounted endpoints and of a handwritten handler in alternating rounds. */
export async function measureOverhead(framework: "express" | "fastify"): Promise<Overhead> {
  const server = fork(fileURLToPath(new URL("./server.ts", import.meta.url)), [framework]);
  try {
    // The first message of `server.ts`.
    const [{ port, token }] = (await once(server, "message")) as [ServerReady];
    const urls = {
      mounted: `http://127.0.0.1:${port}${PATHS.mounted}`,
      byHand: `http://127.0.0.1:${port}${PATHS.byHand}`,
    };
    await requireEqualResponses(urls, token);
    const measure = (handler: Handler): Promise<Speed> => speedOf(server, urls[handler], token);
    const rounds: Record<Handler, Speed>[] = [];
    for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
      const [first, second]: readonly [Handler, Handler] =
        round % 2 === 0 ? ["byHand", "mounted"] : ["mounted", "byHand"];
      const speeds = { [first]: await measure(first), [second]: await measure(second) } as Record<Handler, Speed>;
      if (round >= WARM_UP) rounds.push(speeds);
    }
    return summary(framework, rounds);
  } finally {
    server.disconnect();
  }
}

function summary(framework: string, rounds: readonly Readonly<Record<Handler, Speed>>[]): Overhead {
  const medianSpeed = (handler: Handler): Speed => ({
    perSecond: median(rounds.map((round) => round[handler].perSecond)),
    work: median(rounds.map((round) => round[handler].work)),
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
  if (non2xx + errors > 0)
    throw new Error(`${url}: ${non2xx} responses were not successful, ${errors} requests failed.`);
  return { perSecond: requests.total / duration, work: ((await workOf(server)) - before) / requests.total };
}

async function workOf(server: ChildProcess): Promise<ServerWork> {
  const received = once(server, "message");
  server.send("work");
  const [work] = (await received) as [ServerWork];
  return work;
}

/** Checks that both handlers send equal responses, with a valid token and without one. */
async function requireEqualResponses(urls: Readonly<Record<Handler, string>>, token: string): Promise<void> {
  for (const authorization of [`Bearer ${token}`, ""]) {
    const mounted = await responseTo(urls.mounted, authorization);
    const byHand = await responseTo(urls.byHand, authorization);
    if (isDeepStrictEqual(mounted, byHand)) continue;
    throw new Error(`The responses differ: mounted ${JSON.stringify(mounted)}, handwritten ${JSON.stringify(byHand)}`);
  }
}

async function responseTo(url: string, authorization: string): Promise<unknown> {
  const response = await fetch(url, { headers: { authorization } });
  const { date: _, ...headers } = Object.fromEntries(response.headers);
  return { status: response.status, headers, body: await response.json() };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
