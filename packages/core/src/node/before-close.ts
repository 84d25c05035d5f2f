import type { Server } from "node:net";

const runsOf = new WeakMap<Server, Set<() => void>>();

/**
 * Runs a function when a server begins to close. Node has no event for it, and its `close` waits for open WebSockets and streams
 * forever.
 *
 * @returns A function that cancels it.
 */
export function beforeClose(server: Server, run: () => void): () => void {
  const runs = runsOf.get(server) ?? watch(server);
  runs.add(run);
  return () => void runs.delete(run);
}

function watch(server: Server): Set<() => void> {
  const runs = new Set<() => void>();
  runsOf.set(server, runs);
  const close = server.close.bind(server);
  server.close = (callback) => {
    for (const run of runs) run();
    return close(callback);
  };
  return runs;
}
