import { githubPlugin } from "@infrajet/github-fastify";
import { type ContractSubject, createContractFixture, httpContract } from "@infrajet/github-testing/contract";
import Fastify, { type FastifyInstance } from "fastify";
import { afterAll, describe, expect, it } from "vitest";

const BODIES =
  /^POST \/(webhook (accepts a signed delivery|verifies the signature over|returns 401 for a wrong)|disconnect keeps|repositories\/push accepts bytes)/;

describe("githubPlugin in an application of the host", () => {
  const errors: unknown[] = [];
  const world = createContractFixture(async ({ sdk, options: { basePath: _, ...options } }) => {
    const app = Fastify({ forceCloseConnections: true, bodyLimit: 1_000 });
    readBodiesItself(app);
    app.addHook("onRequest", async (_request, reply) => void reply.header("x-host", "was here"));
    app.setErrorHandler((error, _request, reply) => {
      errors.push(error);
      return reply.code(500).send("the host's 500");
    });
    app.setNotFoundHandler((_request, reply) => reply.code(404).send("the host's 404"));
    app.post("/echo", async ({ body }) => ({ body }));
    app.get("/fails", async () => {
      throw new Error("the host's own");
    });
    await app.register(githubPlugin, { sdk, ...options, prefix: "/integrations/github" });
    app.get("/integrations/github/of-the-host", async () => "the host's");
    return { url: await app.listen({ port: 0, host: "127.0.0.1" }), close: () => app.close() };
  });
  const host = async (): Promise<ContractSubject> => {
    const made = await world.host("complete");
    return { ...made, baseUrl: `${new URL(made.baseUrl).origin}/integrations/github` };
  };
  const ask = async (path: string, token?: string) => {
    const url = new URL(path, `${(await host()).baseUrl}/`);
    return fetch(url, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });
  };
  afterAll(() => world.close());

  for (const { name, run } of httpContract) {
    if (BODIES.test(name)) it(`works beside the host's own parsers: ${name}`, () => run(host));
  }

  it("keeps the host's parsers for the host's own routes", async () => {
    const { baseUrl } = await host();
    const body = JSON.stringify({ a: 1 });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(new URL("/echo", baseUrl), { method: "POST", headers, body });
    expect(await answer.json()).toEqual({ body: { read: "by the host", text: body } });
  });

  it("keeps the host's 404 and error handlers", async () => {
    expect(await (await ask("of-the-host")).text()).toBe("the host's");
    for (const path of ["nothing-here", "sync/history", "/api/v1/github/health"]) {
      expect(await (await ask(path)).text()).toBe("the host's 404");
    }
    expect((await ask("connection/status")).status).toBe(401);
    expect((await ask("repositories?page=0", await (await host()).tokenFor("another-user"))).status).toBe(422);
    expect(errors).toEqual([]);
    expect(await (await ask("/fails")).text()).toBe("the host's 500");
  });

  it("runs the host's hooks before the endpoints", async () => {
    expect((await ask("health")).headers.get("x-host")).toBe("was here");
  });
});

/** A JSON parser and a catch-all parser for the whole application. */
function readBodiesItself(app: FastifyInstance): void {
  const parse = async (_request: unknown, text: unknown): Promise<unknown> => ({ read: "by the host", text });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, parse);
  app.addContentTypeParser("*", { parseAs: "string" }, parse);
}
