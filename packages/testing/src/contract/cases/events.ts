import assert from "node:assert/strict";
import * as z from "zod";
import { contractCase } from "../contract-case.js";
import { EventReader } from "../event-reader.js";
import type { Person } from "../person.js";
import { Reply } from "../reply.js";
import type { Scene } from "../scene.js";
import { syncedProject, syncOnce } from "../synced-scene.js";

const ticketSchema = z.strictObject({ ticket: z.string().min(20), expires_at: z.iso.datetime() });

/** `/events` and `/realtime/ticket`. */
export const eventCases = [
  contractCase("/events returns 401 without a valid token, also for a token in the query", async (scene) => {
    const user = await scene.user();
    await user.write({ "a.tf": "a\n" });
    const token = await scene.host.tokenFor(user.userId);
    for (const query of ["", `&token=${token}`, "&ticket=", "&ticket=unknown", `&ticket=${"x".repeat(43)}`])
      (await refused(scene, `?project_id=network${query}`)).fails(401, "unauthenticated");
  }),

  contractCase("/events returns 422 without project_id, and 404 for projects of other users", async (scene) => {
    const [owner, other] = [await scene.user(), await scene.user()];
    await owner.write({ "a.tf": "a\n" }, "private");
    (await other.get("/events")).refuses("project_id");
    (await other.get("/events?project_id=..%2Fx")).refuses("project_id");
    (await other.get("/events?project_id=private")).fails(404, "project_not_found");
  }),

  contractCase("/events sends the messages of the WebSocket as events, the confirmation first", async (scene) => {
    const { user, repository } = await syncedProject(scene, {});
    await user.write({ "a.tf": "a\n" });
    await reading(scene, user, "?project_id=network", async (reader) => {
      assert.match(reader.headers.get("content-type") ?? "", /^text\/event-stream\b/);
      assert.equal(reader.headers.get("cache-control"), "no-store");
      assert.equal(reader.headers.get("x-accel-buffering"), "no");
      await reader.untilType("subscription_confirmed");
      const { sync_id, commit_sha } = await syncOnce(user, repository);
      const end = await reader.untilType("github_sync_completed");
      assert.deepEqual([end.data.sync_id, end.data.commit_sha], [sync_id, commit_sha]);
      assert.equal(reader.messages[0]?.type, "subscription_confirmed");
      for (const { id, event, type, cursor } of reader.messages) assert.deepEqual([id, event], [cursor, type]);
      assert.ok(reader.messages.some(({ type }) => type === "github_sync_progress"));
    });
  }),

  contractCase(
    "/events continues after Last-Event-ID, which precedes ?after=, and sends each end once",
    async (scene) => {
      const { user, repository } = await syncedProject(scene, {});
      await user.write({ "a.tf": "a\n" });
      let first = "";
      await reading(scene, user, "?project_id=network", async (reader) => {
        first = (await reader.untilType("subscription_confirmed")).id;
      });
      const ids = [(await syncOnce(user, repository)).sync_id];
      await user.write({ "a.tf": "b\n" });
      ids.push((await syncOnce(user, repository)).sync_id);
      const headers = { "last-event-id": first };
      await reading(scene, user, "?project_id=network&after=unknown", (reader) => endsAre(reader, ids), headers);
      await reading(scene, user, `?project_id=network&after=${first}`, async (reader) => {
        await endsAre(reader, ids);
        first = reader.messages.find(({ data }) => data.sync_id === ids[0])?.id ?? "";
      });
      await reading(scene, user, `?project_id=network&after=${first}`, (reader) => endsAre(reader, ids.slice(1)));
    },
  ),

  contractCase("/events sends resync_required and the last end for an unknown cursor", async (scene) => {
    const { user, repository } = await syncedProject(scene, {});
    await user.write({ "a.tf": "a\n" });
    const { sync_id } = await syncOnce(user, repository);
    for (const after of ["unknown", "other.7"]) {
      await reading(scene, user, `?project_id=network&after=${after}`, async (reader) => {
        assert.equal((await reader.untilType("github_sync_completed")).data.sync_id, sync_id);
        assert.deepEqual(
          reader.messages.map(({ type }) => type),
          ["subscription_confirmed", "resync_required", "github_sync_completed"],
        );
      });
    }
  }),

  contractCase("/events follows several projects, and its last id continues all of them", async (scene) => {
    const { user, repository } = await syncedProject(scene, {});
    for (const project of ["network", "dns"]) await user.write({ "a.tf": "a\n" }, project);
    const query = "?project_id=network&project_id=dns";
    let last = "";
    await reading(scene, user, query, async (reader) => {
      await reader.until(({ data }) => data.project_id === "dns");
      last = reader.messages.at(-1)?.id ?? "";
    });
    const ids = [(await syncOnce(user, repository)).sync_id];
    await user.write({ "b.tf": "b\n" }, "dns");
    ids.push((await syncOnce(user, repository, { project_id: "dns", directory: "dns" })).sync_id);
    await reading(scene, user, `${query}&after=${encodeURIComponent(last)}`, (reader) => endsAre(reader, ids));
  }),

  contractCase("/realtime/ticket opens exactly one connection within 30 seconds", async (scene) => {
    const user = await scene.user();
    await user.write({ "a.tf": "a\n" });
    const before = scene.host.now();
    const { ticket, expires_at } = await ticketOf(user);
    const lifetime = Date.parse(expires_at) - before;
    assert.ok(lifetime >= 29_000 && lifetime <= 40_000, `${lifetime} ms`);
    const asked = await Promise.all(
      Array.from({ length: 50 }, () => EventReader.ask(eventsUrl(scene, `?project_id=network&ticket=${ticket}`))),
    );
    const opened = asked.filter((response) => response instanceof EventReader);
    for (const reader of opened) reader.end();
    assert.equal(opened.length, 1);
    for (const response of asked) if (response instanceof Reply) response.fails(401, "unauthenticated");
    const late = await ticketOf(user);
    await scene.host.advance(31_000);
    (await refused(scene, `?project_id=network&ticket=${late.ticket}`)).fails(401, "unauthenticated");
  }),

  contractCase("/realtime/ticket limits a connection to its projects, which must be the user's", async (scene) => {
    const [user, other] = [await scene.user(), await scene.user()];
    for (const project of ["network", "dns"]) await user.write({ "a.tf": "a\n" }, project);
    const { ticket } = await ticketOf(user, { project_ids: ["dns"] });
    (await refused(scene, `?project_id=network&ticket=${ticket}`)).fails(404, "project_not_found");
    const next = await ticketOf(user, { project_ids: ["dns"] });
    const reader = await EventReader.ask(eventsUrl(scene, `?project_id=dns&ticket=${next.ticket}`));
    assert.ok(reader instanceof EventReader);
    await reader.untilType("subscription_confirmed");
    reader.end();
    (await other.post("/realtime/ticket", { project_ids: ["dns"] })).fails(404, "project_not_found");
    (await user.post("/realtime/ticket", { project_ids: [] })).refuses("project_ids");
    (await scene.anonymous.post("/realtime/ticket", {})).fails(401);
  }),
];

async function ticketOf(user: Person, body?: unknown): Promise<z.infer<typeof ticketSchema>> {
  return (await user.post("/realtime/ticket", body)).ok(ticketSchema);
}

function eventsUrl({ host }: Scene, query: string): string {
  return `${host.baseUrl}/events${query}`;
}

/** Requests a stream without a token, which the host refuses. */
async function refused(scene: Scene, query: string): Promise<Reply> {
  const response = await EventReader.ask(eventsUrl(scene, query));
  assert.ok(response instanceof Reply, `${query} opened a stream`);
  return response;
}

/** Runs a test with an open stream of a user. */
async function reading(
  scene: Scene,
  user: Person,
  query: string,
  test: (reader: EventReader) => Promise<void>,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  const authorization = `Bearer ${await scene.host.tokenFor(user.userId)}`;
  const reader = await EventReader.ask(eventsUrl(scene, query), { authorization, ...headers });
  assert.ok(reader instanceof EventReader, "a valid token opens a stream");
  try {
    await test(reader);
  } finally {
    reader.end();
  }
}

/** Asserts that the stream sends exactly the ends of these syncs, in order, before anything else. */
async function endsAre(reader: EventReader, ids: readonly string[]): Promise<void> {
  const ends = (): readonly unknown[] =>
    reader.messages.filter(({ type }) => type === "github_sync_completed").map(({ data }) => data.sync_id);
  await reader.until(() => ends().length >= ids.length);
  assert.deepEqual(ends(), ids);
}
