import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { HOUR, Host } from "./host.js";
import type { StoreAnswer, StoreCall } from "./host-process.js";

const EXCHANGE = "POST /login/oauth/access_token";
const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

let host: Host;
beforeEach(async () => {
  // Connected nine hours ago by everybody's clock: the process that is started has the machine's.
  host = await Host.start(-9 * HOUR);
  await host.connect("7", "ann");
  host.clock.putForward(9 * HOUR);
  host.box.resetCounters();
});
afterEach(() => host.close());

/** Another process of the host begins to refresh, and is killed when it would store the pair that GitHub gave it. */
async function killWhileStoring(): Promise<void> {
  const child = fork(path("host-process.ts"), [JSON.stringify(host.configuration)], {
    execArgv: ["--import", import.meta.resolve("tsx")],
    env: { PATH: process.env.PATH, TSX_TSCONFIG_PATH: path("../../../../tsconfig.json") },
    serialization: "advanced",
  });
  child.on("message", async ({ id, store, verb, parameters }: StoreCall) => {
    if (verb === "replaceToken") return void child.kill("SIGKILL");
    const act: unknown = Reflect.get(host.stores[store], verb);
    if (typeof act !== "function") throw new Error(`There is no ${store}.${verb}.`);
    const value: unknown = await Reflect.apply(act, host.stores[store], parameters);
    child.send({ id, value } satisfies StoreAnswer);
  });
  expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
}

it("a process that is killed between receiving a new pair and storing it costs the user a login, and GitHub one request more", async () => {
  await killWhileStoring();
  expect(host.box.count(EXCHANGE)).toBe(1);
  const credential = await host.sdk.connections.credential("7");

  // The dead process still holds the lease: nobody sends the same refresh token before it has run out.
  const callers = Array.from({ length: 20 }, () => credential.token().catch((error: unknown) => error));
  host.clock.putForward(HOUR / 60);
  for (const outcome of await Promise.all(callers)) expect(outcome).toMatchObject({ code: "reauth_required" });
  expect(host.box.count(EXCHANGE)).toBe(2);

  await expect(host.sdk.connections.credential("7")).rejects.toMatchObject({ code: "reauth_required" });
  expect(await host.sdk.connections.status("7")).toMatchObject({ connected: false, reauthRequired: true });
  expect(host.box.count(EXCHANGE)).toBe(2);
  await host.connect("7", "ann");
  expect(await host.answerTo(await credential.token())).toBe(200);
});
