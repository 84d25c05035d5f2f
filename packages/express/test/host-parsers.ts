import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { githubRouter } from "@infrajet/github-express";
import { type ContractSubject, createContractFixture, httpContract } from "@infrajet/github-testing/contract";
import express, { type RequestHandler } from "express";
import { afterAll, describe, expect, it } from "vitest";
import { serveApp } from "./served-app.js";

/** Everything that is sent, whatever it says it is. */
const everything = { type: () => true, limit: "30mb" };

function keepBytes(request: IncomingMessage, _response: ServerResponse, bytes: Buffer): void {
  Object.assign(request, { rawBody: bytes });
}

/** Body parsers that leave the bytes where the router finds them. */
const KEEPING: Readonly<Record<string, RequestHandler>> = {
  "a parser that keeps the bytes": express.json({ limit: "30mb", verify: keepBytes }),
  "a parser of bytes for everything": express.raw(everything),
  "a parser of texts for everything": express.text(everything),
  "a parser of forms": express.urlencoded({ extended: true }),
  "a middleware that takes its time": (_request, _response, next) => void setTimeout(next, 5),
};

/** Body parsers after which the bytes are gone. */
const CONSUMING: Readonly<Record<string, RequestHandler>> = {
  "a parser that keeps nothing": express.json({ limit: "30mb" }),
  "a middleware that reads the body away": (request, _response, next) =>
    void once(request.resume(), "end").then(() => next()),
};

const WEBHOOK = /^POST \/webhook (takes what GitHub signed|verifies the bytes|refuses a signature|runs the handlers)/;
const BODIES = /^POST \/(disconnect leaves the token|repositories\/push takes bytes)/;

/** What becomes of requests whose body the host has looked at before the router. */
export function describeHostParsers(): void {
  const places = [...Object.entries(KEEPING), ...Object.entries(CONSUMING)];
  const pathOf = (name: string): string => `/${name.replaceAll(" ", "-")}`;
  const world = createContractFixture(({ sdk, options: { basePath: _, ...options } }) => {
    const app = express();
    for (const [name, parser] of places) app.use(pathOf(name), parser, githubRouter(sdk, options));
    return serveApp(app);
  });
  const behind = async (name: string): Promise<ContractSubject> => {
    const host = await world.host("complete");
    return { ...host, baseUrl: `${new URL(host.baseUrl).origin}${pathOf(name)}` };
  };
  afterAll(() => world.close());

  for (const name of Object.keys(KEEPING)) {
    describe(`behind ${name}`, () => {
      for (const { name: promise, run } of httpContract) {
        if (WEBHOOK.test(promise) || BODIES.test(promise)) it(promise, () => run(() => behind(name)));
      }
    });
  }

  describe("behind a parser that keeps nothing", () => {
    for (const { name: promise, run } of httpContract) {
      if (BODIES.test(promise)) it(promise, () => run(() => behind("a parser that keeps nothing")));
    }
  });

  for (const name of Object.keys(CONSUMING)) {
    it(`says exactly what to change behind ${name}`, async () => {
      const { baseUrl, webhookSecret } = await behind(name);
      const body = JSON.stringify({ zen: "Speak like a human.", hook_id: 1, hook: {} });
      const signature = createHmac("sha256", webhookSecret).update(body).digest("hex");
      const headers = {
        "content-type": "application/json",
        "x-github-event": "ping",
        "x-github-delivery": randomUUID(),
        "x-hub-signature-256": `sha256=${signature}`,
      };
      const answer = await fetch(`${baseUrl}/webhook`, { method: "POST", headers, body });
      expect(answer.status).toBe(500);
      expect(await answer.json()).toEqual({
        code: "invalid_options",
        detail: expect.stringMatching(/before the parser.*verify.*rawBody/),
      });
    });
  }

  it("does not take a body that was read away for one that says nothing", async () => {
    const host = await behind("a middleware that reads the body away");
    const answer = await fetch(`${host.baseUrl}/disconnect`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${await host.tokenFor("reader")}` },
      body: JSON.stringify({ revoke_token: false }),
    });
    assert.equal(answer.status, 500);
    expect(await answer.json()).toEqual({
      code: "invalid_options",
      detail: expect.stringMatching(/Mount the GitHub endpoints before it/),
    });
  });
}
