import { effect, signal } from "@preact/signals";
import { projectId, token } from "./address.js";
import { type EventStream, openEventStream } from "./event-stream.js";
import { loadProject } from "./project.js";
import { takeProgress, takeResult } from "./sync.js";

/** True while the page receives the project's messages. */
export const isLive = signal(false);

/** Follows the open project's syncs, also those that other users, links and webhooks start. */
export function followProject(): void {
  let stream: EventStream | null = null;
  effect(() => {
    stream?.close();
    stream = null;
    isLive.value = false;
    const bearer = token.value;
    const project = projectId.value;
    if (bearer === null || project === null) return;
    stream = openEventStream(project, bearer, {
      onState: (isOpen) => {
        isLive.value = isOpen;
      },
      onMessage: ({ type, data }) => {
        if (type === "github_sync_progress") takeProgress(data);
        else if (type === "resync_required") void loadProject();
        else if (/^github_sync_(completed|failed|cancelled)$/.test(type)) takeResult(data);
      },
    });
  });
}
