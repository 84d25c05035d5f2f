import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { systemClock } from "../../src/adapters/clock.js";
import { createGitTransport } from "../../src/github/git-transport.js";
import { memoryInUse } from "../node/memory-in-use.js";

const PIECE = 1024 * 1024;
const PIECES = 100;

describe("createGitTransport", () => {
  it("releases the memory of pieces that were sent", async () => {
    let received = 0;
    const server = createServer(async (request, response) => {
      for await (const chunk of request) received += (chunk as Buffer).length;
      response.writeHead(200, { "content-type": "application/x-git-receive-pack-result" }).end();
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const serverUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const transport = createGitTransport({ serverUrl, userAgent: "test", clock: systemClock, timeoutMs: 10_000 });

    const before = memoryInUse();
    let atTheEnd = 0;
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let piece = 0; piece < PIECES; piece += 1) yield new Uint8Array(PIECE);
      // The last pieces may be buffered until this generator ends.
      while (received < (PIECES - 3) * PIECE) await setImmediate();
      atTheEnd = memoryInUse();
    }
    const body = { length: PIECES * PIECE, pieces };
    await transport({ repository: "octo/project", body }, "token", new AbortController().signal);
    expect(received).toBe(PIECES * PIECE);
    expect(atTheEnd - before).toBeLessThan((PIECES * PIECE) / 5);
  });
});
