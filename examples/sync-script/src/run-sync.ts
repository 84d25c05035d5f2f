import {
  createGitHubSdk,
  type GitHubSdk,
  type GitHubSdkOptions,
  type Logger,
  type SyncPlan,
  type SyncProgress,
} from "@infrajet/github";
import type { SyncRecord } from "@infrajet/github/adapters";
import { folderFiles } from "@infrajet/github/folder";
import type { Arguments } from "./arguments.js";
import type { RunAccess } from "./environment.js";
import { countReads } from "./project-file-counter.js";
import { countRequests } from "./request-counter.js";
import type { Requests } from "./response.js";
import { StateFile } from "./state-file.js";

/** One run of the script. */
export interface SyncRun {
  readonly asked: Arguments;
  readonly access: RunAccess;
  /** Absolute path. */
  readonly stateFile: string;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  onProgress(progress: SyncProgress): void;
  /** Called when the run waits for another run that uses the state file. */
  onWait(message: string): void;
}

/** The result of a run and its cost. */
export type SyncResult = { readonly requests: Requests } & (
  | { readonly kind: "record"; readonly record: SyncRecord }
  | { readonly kind: "plan"; readonly plan: SyncPlan }
  | { readonly kind: "error"; readonly error: unknown }
);

// The script has one user.
const USER_ID = "sync-script";

/** Runs or plans one sync of a folder. Never rejects: an error is part of the result. */
export async function runSync(run: SyncRun): Promise<SyncResult> {
  const { asked, access } = run;
  const files = countReads(folderFiles(asked.folder));
  const requests = countRequests([access.apiUrl, access.serverUrl]);
  const cost = (): Requests => ({ github: requests.count, source_reads: files.reads });
  try {
    const state = await openState(run);
    try {
      const sdk = openSdk(access, { projectFiles: files, stores: state.stores, logger: run.logger });
      return { ...(await carryOut(sdk, run)), requests: cost() };
    } finally {
      await state.close();
    }
  } catch (error) {
    return { kind: "error", error, requests: cost() };
  } finally {
    requests.stop();
  }
}

function openSdk(
  { apiUrl, serverUrl, credentials }: RunAccess,
  options: Pick<GitHubSdkOptions, "projectFiles" | "stores" | "logger">,
): GitHubSdk {
  if (credentials.kind === "token") return createGitHubSdk({ ...options, apiUrl, auth: credentials.token.reveal() });
  const { app, installationId } = credentials;
  const sdk: GitHubSdk = createGitHubSdk({
    ...options,
    apiUrl,
    serverUrl,
    app,
    auth: async ({ repository }) => sdk.app.unchecked.fileCredential(installationId, repository),
  });
  return sdk;
}

function openState({ asked, stateFile, signal, onWait }: SyncRun): Promise<StateFile> {
  if (asked.plan) return StateFile.look(stateFile);
  return StateFile.open(stateFile, {
    signal,
    onWait: (holder) =>
      onWait(`Waiting for another run${holder === null ? "" : ` (process ${holder.pid})`} that uses the state file …`),
  });
}

async function carryOut(sdk: GitHubSdk, { asked, signal, onProgress }: SyncRun) {
  const request = {
    project: { userId: USER_ID, projectId: asked.projectId },
    repository: asked.repository,
    branch: asked.branch,
    directory: asked.directory,
    strategy: asked.strategy,
    direction: asked.direction,
    onConflict: asked.onConflict,
    allowRewrittenHistory: asked.allowRewrittenHistory,
    message: asked.message,
    writer: asked.writer,
    strategies: asked.strategies,
    allowEmptyProject: asked.allowEmptyProject,
    allowMassDeletion: asked.allowMassDeletion,
    allowSecrets: [...asked.allowSecrets],
    bypassRules: asked.bypassRules,
    deleteIgnored: asked.deleteIgnored,
    // A person waits for the script.
    rateLimitDeadlineMs: 60_000,
  };
  sdk.on("sync.progress", onProgress);
  try {
    if (asked.plan) return { kind: "plan", plan: await sdk.sync.plan(request, { signal }) } as const;
    const record =
      asked.planHash === null
        ? await sdk.sync.run(request, { signal })
        : await sdk.sync.apply(request, asked.planHash, { signal });
    return { kind: "record", record } as const;
  } finally {
    await sdk.close();
  }
}
