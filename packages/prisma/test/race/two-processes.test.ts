import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compiledProgram } from "../../../../.ci/compiled-program.js";
import { serverDatabase, type TestDatabase } from "../test-database.js";
import { RACES, type RaceName, type RaceResult, type RaceStart } from "./races.js";

const postgresql = process.env.INFRAJET_TEST_POSTGRES_URL;
const mysql = process.env.INFRAJET_TEST_MYSQL_URL;
/** Set INFRAJET_RACE_ROUNDS=1000 for a longer run. */
const ROUNDS = Number(process.env.INFRAJET_RACE_ROUNDS ?? 15);
/** The number of rounds from which both processes must have won at least once. */
const MANY_ROUNDS = 200;

// Rounds are independent, so several run at the same time.
const AT_ONCE = 10;

const names = Object.keys(RACES).filter((name): name is RaceName => name in RACES);

describe.each([
  { database: "PostgreSQL", server: postgresql, isolation: "read committed", set: isolatePostgresql },
  { database: "PostgreSQL", server: postgresql, isolation: "repeatable read", set: isolatePostgresql },
  { database: "PostgreSQL", server: postgresql, isolation: "serializable", set: isolatePostgresql },
  { database: "MariaDB", server: mysql, isolation: "READ COMMITTED", set: isolateMariadb },
  { database: "MariaDB", server: mysql, isolation: "REPEATABLE READ", set: isolateMariadb },
  { database: "MariaDB", server: mysql, isolation: "SERIALIZABLE", set: isolateMariadb },
])("two processes on $database under $isolation", ({ server, isolation, set }) => {
  describe.skipIf(server === undefined)("on one database", () => {
    let database: TestDatabase;
    const runners: ChildProcess[] = [];

    beforeAll(async () => {
      database = await serverDatabase(server ?? "");
      const url = await set(database, isolation);
      const program = await compiledProgram(new URL("racing-process.ts", import.meta.url));
      for (let runner = 0; runner < 2; runner += 1) runners.push(fork(program, [url], { execArgv: [] }));
      await Promise.all(runners.map(isReady));
    });

    afterAll(async () => {
      const gone = runners.map((runner) => once(runner, "exit"));
      for (const runner of runners) runner.disconnect();
      await Promise.all(gone);
      await database.remove();
    });

    it.each(names)(
      "%s: exactly one process succeeds",
      async (race) => {
        const stores = database.stores();
        const wins: [number, number] = [0, 0];
        for (let first = 0; first < ROUNDS; first += AT_ONCE) {
          const rounds = Array.from({ length: Math.min(AT_ONCE, ROUNDS - first) }, (_, index) => first + index);
          const prepared = await Promise.all(rounds.map((round) => RACES[race].prepare(stores, round)));
          const results = await Promise.all(
            runners.map((runner, number) =>
              run(
                runner,
                rounds.map((round, index) => ({
                  race,
                  prepared: prepared[index] ?? "",
                  round,
                  part: partOf(number, round),
                })),
              ),
            ),
          );
          for (const round of rounds) {
            const outcomes = results.map((wins) => wins.get(round));
            expect(outcomes.filter((won) => typeof won !== "boolean")).toEqual([]);
            const winners = outcomes.flatMap((won, number) => (won === true ? partOf(number, round) : []));
            expect(winners, `winners of round ${round}`).toHaveLength(1);
            wins[winners[0] ?? 0] += 1;
          }
        }
        if (ROUNDS < MANY_ROUNDS) return;
        console.log(`${race}, ${isolation}: ${wins.join(" to ")}`);
        // If one process always wins, the operations did not overlap.
        expect(Math.min(...wins)).toBeGreaterThan(0);
      },
      60_000 + ROUNDS * 500,
    );
  });
});

function partOf(number: number, round: number): 0 | 1 {
  return (number + round) % 2 === 0 ? 0 : 1;
}

/** Resolves when a process has opened the database; rejects when it exits instead. */
function isReady(runner: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    runner.once("message", () => resolve());
    runner.once("exit", (code) => reject(new Error(`A racing process exited with code ${code}.`)));
  });
}

/** Starts rounds in a process, all at once, and collects their results. */
function run(runner: ChildProcess, starts: readonly RaceStart[]): Promise<ReadonlyMap<number, boolean | string>> {
  return new Promise((resolve) => {
    const wins = new Map<number, boolean | string>();
    const onMessage = ({ round, won }: RaceResult): void => {
      wins.set(round, won);
      if (wins.size < starts.length) return;
      runner.off("message", onMessage);
      resolve(wins);
    };
    runner.on("message", onMessage);
    for (const start of starts) runner.send(start);
  });
}

async function isolatePostgresql(database: TestDatabase, isolation: string): Promise<string> {
  const url = new URL(database.url);
  await database.sql(`ALTER DATABASE ${url.pathname.slice(1)} SET default_transaction_isolation = '${isolation}'`);
  return url.href;
}

async function isolateMariadb(database: TestDatabase, isolation: string): Promise<string> {
  const url = new URL(database.url);
  // Without a space, which the adapter would encode in a way that the driver does not decode.
  url.search = `?initSql=${encodeURIComponent(`SET@@session.tx_isolation='${isolation.replace(" ", "-")}'`)}`;
  return url.href;
}
