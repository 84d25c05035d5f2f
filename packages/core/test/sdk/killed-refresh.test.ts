import { fork } from "node:child_process";
import { once } from "node:events";
import { afterEach, beforeEach, expect, it } from "vitest";
import { compiledProgram } from "../../../../.ci/compiled-program.js";
import { HOUR, Host } from "./host.js";
import type { StoreAnswer, StoreCall } from "./host-process.js";

const EXCHANGE = "POST /login/oauth/access_token";
const program = await compiledProgram(new URL("host-process.ts", import.meta.url));

let host: Host;
beforeEach(async () => {
  // The forked process uses the system time, so the user must have connected nine hours before it.
  host = await Host.start(-9 * HOUR);
  await host.connect("7", "ann");
  host.clock.putForward(9 * HOUR);
  host.box.resetCounters();
});
afterEach(() => host.close());

/** Starts another process of the host that refreshes, and kills it when it stores the new pair. */
async function killWhileStoring(): Promise<void> {
  const child = fork(program, [JSON.stringify(host.configuration)], {
    execArgv: [],
    env: { PATH: process.env.PATH },
    serialization: "advanced",
  });
  child.on("message", async ({ id, store, method, parameters }: StoreCall) => {
    if (method === "replaceToken") return void child.kill("SIGKILL");
    const implementation: unknown = Reflect.get(host.stores[store], method);
    if (typeof implementation !== "function") throw new Error(`${store}.${method} does not exist.`);
    const value: unknown = await Reflect.apply(implementation, host.stores[store], parameters);
    child.send({ id, value } satisfies StoreAnswer);
  });
  expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
}

it("a process killed between receiving and storing a new pair leads to reauth_required with one more request", async () => {
  await killWhileStoring();
  expect(host.box.count(EXCHANGE)).toBe(1);
  const credential = await host.sdk.connections.credential("7");

  // The killed process still holds the lease, so no process sends the same refresh token before it expires.
  const callers = Array.from({ length: 20 }, () => credential.token().catch((error: unknown) => error));
  host.clock.putForward(HOUR / 60);
  for (const outcome of await Promise.all(callers)) expect(outcome).toMatchObject({ code: "reauth_required" });
  expect(host.box.count(EXCHANGE)).toBe(2);

  await expect(host.sdk.connections.credential("7")).rejects.toMatchObject({ code: "reauth_required" });
  expect(await host.sdk.connections.status("7")).toMatchObject({ connected: false, reauthRequired: true });
  expect(host.box.count(EXCHANGE)).toBe(2);
  await host.connect("7", "ann");
  expect(await host.statusFor(await credential.token())).toBe(200);
});
