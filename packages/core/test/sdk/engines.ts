import type { GitHubSdk } from "@infrajet/github";
import { AppEngine } from "../../src/app/app-engine.js";
import { ConnectionEngine } from "../../src/connections/connection-engine.js";

/** Returns the engine behind `sdk.app`, for tests of methods that are not part of the public interface. */
export function appEngine({ app }: GitHubSdk): AppEngine {
  if (app instanceof AppEngine) return app;
  throw new Error("sdk.app is not an AppEngine.");
}

/** Returns the engine behind `sdk.connections`. */
export function connectionEngine({ connections }: GitHubSdk): ConnectionEngine {
  if (connections instanceof ConnectionEngine) return connections;
  throw new Error("sdk.connections is not a ConnectionEngine.");
}
