import { once } from "node:events";
import type { Server } from "node:http";
import { connect } from "node:net";
import { afterEach, expect, it } from "vitest";
import { createHttpServer, portOf } from "../src/index.js";
import { sendRaw } from "./raw-response.js";

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(...handler: Parameters<typeof createHttpServer>): Promise<string> {
  server = createHttpServer(...handler);
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${portOf(server)}`;
}

it("responds with 408 to headers that do not arrive in time", async () => {
  const address = await serve((_request, response) => void response.end());
  if (server !== null) server.headersTimeout = 1;
  const { status, body } = await sendRaw(address, "GET / HTTP/1.1\r\nHost: host\r\n");
  expect([status, JSON.parse(body).code]).toEqual([408, "request_timeout"]);
});

it("responds to a malformed request after the responses to earlier requests of its connection", async () => {
  const address = await serve((_request, response) => {
    const text = "the first";
    setImmediate(() => response.end(text));
  });
  const { status, body } = await sendRaw(address, "GET / HTTP/1.1\r\nHost: host\r\n\r\nmalformed\r\n\r\n");
  expect(status).toBe(200);
  expect(body).toMatch(/^the firstHTTP\/1\.1 400 /);
  expect(body).toContain('"code":"malformed_request"');
});

it("does not write a second response after one that began before its request's body turned out malformed", async () => {
  const address = await serve((_request, response) => {
    response.flushHeaders();
    response.write("begun");
  });
  const socket = connect(Number(new URL(address).port), "127.0.0.1");
  const head = ["POST / HTTP/1.1", "Host: host", "Transfer-Encoding: chunked", "", ""];
  socket.write(head.join("\r\n"));
  let received = "";
  socket.on("data", (chunk) => {
    received += String(chunk);
    if (received.includes("begun")) socket.write("malformed\r\n");
  });
  socket.on("error", () => undefined);
  await once(socket, "close");
  expect(received.match(/HTTP\/1\.1/g)).toHaveLength(1);
});
