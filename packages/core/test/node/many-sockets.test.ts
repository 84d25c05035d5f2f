import type { SyncProgress } from "@infrajet/github";
import { expect, it } from "vitest";
import { SyncFixture } from "../sync/sync-fixture.js";
import { ServedRealtime } from "./served-fixture.js";

// Long runs use 500.
const SOCKETS = Number(process.env.REALTIME_SOCKETS ?? 20);
const USERS = ["7", "8", "9", "10", "11"];
const IN_STEP = 8;

const projects = Array.from({ length: SOCKETS }, (_, index) => ({
  userId: USERS[index % USERS.length] ?? "7",
  // Projects of different users have equal names.
  projectId: `infra-${Math.floor(index / USERS.length)}`,
}));
const nameOf = ({ userId, projectId }: { userId: string; projectId: string }): string => `${userId}/${projectId}`;

it(`${SOCKETS} WebSockets of several users each receive exactly the messages of their own project`, async () => {
  const fixture = await SyncFixture.create();
  const served = await ServedRealtime.start(fixture.sdk);
  for (const project of projects) {
    fixture.files.setProject(project, { "main.tf": nameOf(project), "variables.tf": "", "outputs.tf": "" });
  }
  const happened = new Map<string, object[]>();
  fixture.sdk.on("sync.progress", (event: SyncProgress) => {
    const { phase, percentage, filesCompleted } = event;
    happened.set(nameOf(event), [...(happened.get(nameOf(event)) ?? []), { phase, percentage, filesCompleted }]);
  });

  const clients = await Promise.all(
    projects.map(({ userId, projectId }) => served.follow(`token-${userId}`, projectId)),
  );
  const stalled = clients.filter((_, index) => index % 10 === 0);
  for (const { webSocket } of stalled) webSocket.pause();
  const waiting = projects.map((project) => ({ project, branch: nameOf(project) }));
  const runNext = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { status } = await fixture.sync(next);
      expect(status).toBe("completed");
    }
  };
  await Promise.all(Array.from({ length: IN_STEP }, runNext));

  const told = async (index: number): Promise<void> => {
    const [client, project] = [clients[index], projects[index]];
    if (client === undefined || project === undefined) throw new Error(`no client ${index}`);
    const [confirmed, ...rest] = await client.untilType("github_sync_completed");
    const end = rest.pop();
    expect(confirmed).toMatchObject({ type: "subscription_confirmed", data: { project_id: project.projectId } });
    expect(new Set(rest.map(({ type }) => type))).toEqual(new Set(["github_sync_progress"]));
    expect(rest.every(({ data }) => data.branch === nameOf(project))).toBe(true);
    expect(
      rest.map(({ data }) => ({
        phase: data.phase,
        percentage: data.progress_percentage,
        filesCompleted: data.files_completed,
      })),
    ).toEqual(happened.get(nameOf(project)));
    expect(end?.data).toMatchObject({ project_id: project.projectId, branch: nameOf(project), files_synced: 3 });
  };
  const indices = [...projects.keys()];
  await Promise.all(indices.filter((index) => index % 10 !== 0).map(told));
  for (const { webSocket } of stalled) webSocket.resume();
  await Promise.all(indices.filter((index) => index % 10 === 0).map(told));
  await served.close();
  await fixture.close();
}, 300_000);
