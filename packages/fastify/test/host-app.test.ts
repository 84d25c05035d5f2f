import { githubPlugin } from "@infrajet/github-fastify";
import { type ContractSubject, createContractFixture, httpContract } from "@infrajet/github-testing/contract";
import Fastify, { type FastifyInstance } from "fastify";
import { afterAll, describe, expect, it } from "vitest";

const BODIES =
  /^POST \/(webhook (takes what GitHub signed|verifies the bytes|refuses a signature)|disconnect leaves|repositories\/push takes bytes)/;

describe("a Fastify application of the host's own", () => {
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
    if (BODIES.test(name)) it(`beside parsers of the host: ${name}`, () => run(host));
  }

  it("goes on reading the bodies of its own routes", async () => {
    const { baseUrl } = await host();
    const body = JSON.stringify({ a: 1 });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(new URL("/echo", baseUrl), { method: "POST", headers, body });
    expect(await answer.json()).toEqual({ body: { read: "by the host", text: body } });
  });

  it("answers what is none of the endpoints, and what fails in its own routes", async () => {
    expect(await (await ask("of-the-host")).text()).toBe("the host's");
    for (const path of ["nothing-here", "sync/history", "/api/v1/github/health"]) {
      expect(await (await ask(path)).text()).toBe("the host's 404");
    }
    expect((await ask("connection/status")).status).toBe(401);
    expect((await ask("repositories?page=0", await (await host()).tokenFor("somebody"))).status).toBe(422);
    expect(errors).toEqual([]);
    expect(await (await ask("/fails")).text()).toBe("the host's 500");
  });

  it("runs its hooks before the endpoints", async () => {
    expect((await ask("health")).headers.get("x-host")).toBe("was here");
  });
});

/** A parser for JSON and one for everything else, which hold for the whole application. */
function readBodiesItself(app: FastifyInstance): void {
  const parse = async (_request: unknown, text: unknown): Promise<unknown> => ({ read: "by the host", text });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, parse);
  app.addContentTypeParser("*", { parseAs: "string" }, parse);
}
