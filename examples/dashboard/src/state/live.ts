import type { FollowMessage } from "@infrajet/github-client";
import { effect, signal } from "@preact/signals";
import { api } from "../api.js";
import { projectId, token } from "./address.js";
import { loadProject } from "./project.js";
import { takeProgress, takeResult } from "./sync.js";

/** The state of the connection over which the project's messages arrive; `null` while none is wanted. */
export const liveState = signal<"live" | "connecting" | null>(null);

/** Follows the open project's syncs, also those that other pages, links and webhooks start. */
export function followProject(): void {
  effect(() => {
    const project = projectId.value;
    if (token.value === null || project === null) return undefined;
    const follow = api.follow(project);
    liveState.value = "connecting";
    follow.on("message", takeMessage);
    follow.on("connected", () => {
      liveState.value = "live";
    });
    follow.on("disconnected", () => {
      liveState.value = "connecting";
    });
    follow.on("closed", () => {
      liveState.value = null;
    });
    return () => follow.close();
  });
}

function takeMessage(message: FollowMessage): void {
  switch (message.type) {
    case "github_sync_progress":
      takeProgress(message.data);
      break;
    case "github_sync_completed":
    case "github_sync_failed":
    case "github_sync_cancelled":
      takeResult(message.data);
      break;
    case "resync_required":
      void loadProject();
      break;
    default:
  }
}
