import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { githubRouter } from "@infrajet/github-express";
import { type ContractSubject, createContractFixture, httpContract } from "@infrajet/github-testing/contract";
import express, { type RequestHandler } from "express";
import { afterAll, describe, expect, it } from "vitest";
import { serveApp } from "./served-app.js";

/** A parser of raw bytes for every content type. */
const everything = { type: () => true, limit: "30mb" };

function keepBytes(request: IncomingMessage, _response: ServerResponse, bytes: Buffer): void {
  Object.assign(request, { rawBody: bytes });
}

/** Body parsers that keep the raw bytes where the router finds them. */
const KEEPING: Readonly<Record<string, RequestHandler>> = {
  "a parser that keeps the bytes": express.json({ limit: "30mb", verify: keepBytes }),
  "a parser of bytes for everything": express.raw(everything),
  "a parser of texts for everything": express.text(everything),
  "a parser of forms": express.urlencoded({ extended: true }),
  "a middleware that takes its time": (_request, _response, next) => void setTimeout(next, 5),
};

/** Handlers that consume the raw bytes. */
const CONSUMING: Readonly<Record<string, RequestHandler>> = {
  "a parser that discards the bytes": express.json({ limit: "30mb" }),
  "a middleware that consumes the body": (request, _response, next) =>
    void once(request.resume(), "end").then(() => next()),
};

const WEBHOOK =
  /^POST \/webhook (accepts a signed delivery|verifies the signature over|returns 401 for a wrong|runs the handlers)/;
const BODIES = /^POST \/(disconnect keeps the token|repositories\/push accepts bytes)/;

/** Declares the tests of requests whose body another handler of the host reads first. */
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
    describe(`githubRouter behind ${name}`, () => {
      for (const { name: promise, run } of httpContract) {
        if (WEBHOOK.test(promise) || BODIES.test(promise)) it(promise, () => run(() => behind(name)));
      }
    });
  }

  describe("githubRouter behind a parser that discards the bytes", () => {
    for (const { name: promise, run } of httpContract) {
      if (BODIES.test(promise)) it(promise, () => run(() => behind("a parser that discards the bytes")));
    }
  });

  for (const name of Object.keys(CONSUMING)) {
    it(`returns an error that names the fix for POST /webhook behind ${name}`, async () => {
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

  it("returns an error instead of treating a consumed body as empty", async () => {
    const host = await behind("a middleware that consumes the body");
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
