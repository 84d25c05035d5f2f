import assert from "node:assert/strict";
import { Listener, type ListenOptions } from "./listener.js";
import type { Person } from "./person.js";
import type { Reply } from "./reply.js";
import type { Scene } from "./scene.js";

/** Requests a WebSocket from the host. @param query The query, with its `?`. */
export function askForSocket({ host }: Scene, query: string, options: ListenOptions = {}): Promise<Listener | Reply> {
  return Listener.ask(`${host.baseUrl}/ws${query}`, options);
}

/** Runs a test with an open WebSocket of a user. */
export async function listening(
  scene: Scene,
  person: Person,
  test: (listener: Listener) => Promise<void>,
  projects: readonly string[] = [],
): Promise<void> {
  const token = await scene.host.tokenFor(person.userId);
  const query = projects.map((project) => `project_id=${encodeURIComponent(project)}`).join("&");
  const listener = await askForSocket(scene, `?${query}`, { protocols: ["infrajet-github", `bearer.${token}`] });
  assert.ok(listener instanceof Listener, "a valid token opens a WebSocket");
  try {
    await test(listener);
  } finally {
    listener.end();
  }
}
