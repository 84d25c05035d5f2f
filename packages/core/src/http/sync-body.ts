import * as z from "zod";
import { MAX_STRATEGIES, patternProblem, type SyncRequest } from "../sync/sync-request.js";
import { record } from "./bounded-fields.js";
import type { CallingUser } from "./calling-user.js";
import { peopleFields } from "./commit-person-fields.js";
import { pullRequestField, toPullRequestOption } from "./pull-request-fields.js";
import {
  allowedSecrets,
  branch,
  commitMessage,
  directory,
  optional,
  projectId,
  repositoryFullName,
  text,
  withDefault,
} from "./request-fields.js";
import { invalidFields } from "./validation.js";

/** The fields that name the two sides of a sync. */
export const syncTargetFields = { project_id: projectId, repository_full_name: repositoryFullName, branch };

const strategies = record(text(4_096, patternProblem), z.enum(["fail", "merge", "ours", "theirs"]), {
  max: MAX_STRATEGIES,
});

/** The fields of every request that syncs or plans a sync. */
export const syncFields = {
  ...syncTargetFields,
  commit_message: commitMessage,
  directory: optional(directory),
  conflict_strategy: optional(z.enum(["fail", "merge", "ours", "theirs", "pull_request"])),
  strategies: optional(strategies),
  direction: withDefault(
    z
      .enum(["push", "pull", "two_way"])
      .describe("`push` changes the branch only, `pull` the project only, `two_way` both"),
    "push",
  ),
  on_conflict: withDefault(
    z
      .enum(["stop", "skip"])
      .describe("`stop` writes nothing while a conflict is unresolved; `skip` leaves its path as it is on both sides"),
    "stop",
  ),
  priority: withDefault(
    z
      .enum(["interactive", "background"])
      .describe(
        "`interactive` while a person waits. Syncs with `background` run after interactive ones, and one that equals a pending sync is answered with that sync",
      ),
    "interactive",
  ),
  ...peopleFields,
  pull_request: pullRequestField,
  allow_empty_project: flag("Allows the sync to delete all files when the project is empty"),
  allow_mass_deletion: flag("Allows the sync to delete more than half of the files, on either side"),
  allow_rewritten_history: flag(
    "Allows the sync to change the project although the branch's history was rewritten since the last sync",
  ),
  allow_secrets: allowedSecrets,
  bypass_rules: flag(
    "Attempts the write although a rule of the branch forbids it, for an account on the rule's bypass list",
  ),
  delete_ignored: flag("Deletes files from the repository that are ignored now and that earlier syncs wrote"),
};

/** The field of `GitHubProjectSyncRequest` that turns the comparison off. */
export const checkConflicts = withDefault(z.boolean().describe("`false` is the strategy `ours`"), true);

/** The hash of the plan that a sync is limited to. */
export const planHash = optional(
  text(200).describe("The `plan_hash` of a plan. The sync fails with `plan_stale` when either side has changed since"),
);

/** The parsed fields that name the two sides of a sync. */
export type SyncTargetBody = z.output<z.ZodObject<typeof syncTargetFields>>;
/** The parsed fields of {@link syncFields}. */
export type SyncBody = z.output<z.ZodObject<typeof syncFields>>;

/** Converts the fields that name the two sides of a sync. */
export function toTarget(
  user: CallingUser,
  { project_id, repository_full_name, branch, directory }: SyncTargetBody & { readonly directory?: string | undefined },
): SyncRequest {
  return {
    project: { userId: user.id, projectId: project_id },
    repository: repository_full_name,
    branch,
    directory,
  };
}

/** Converts a body to the request of a sync. */
export function toSyncRequest(user: CallingUser, body: SyncBody): SyncRequest {
  return {
    ...toTarget(user, body),
    message: body.commit_message ?? null,
    strategy: body.conflict_strategy,
    strategies: body.strategies,
    direction: body.direction,
    onConflict: body.on_conflict,
    priority: body.priority,
    allowRewrittenHistory: body.allow_rewritten_history,
    author: body.author,
    coAuthors: body.co_authors,
    pullRequest: toPullRequestOption(body.pull_request),
    allowEmptyProject: body.allow_empty_project,
    allowMassDeletion: body.allow_mass_deletion,
    allowSecrets: body.allow_secrets,
    bypassRules: body.bypass_rules,
    deleteIgnored: body.delete_ignored,
  };
}

/**
 * Converts the body of a request with `check_conflicts`.
 *
 * @throws GitHubSdkError `validation_failed` when `check_conflicts: false` comes with a strategy other than `ours`
 */
export function toProjectSyncRequest(
  user: CallingUser,
  body: SyncBody & { readonly check_conflicts: boolean },
): SyncRequest {
  if (body.check_conflicts) return toSyncRequest(user, body);
  if (body.conflict_strategy !== undefined && body.conflict_strategy !== "ours") {
    throw invalidFields([
      {
        path: ["conflict_strategy"],
        message: "cannot be combined with `check_conflicts: false`. Remove one of them",
      },
    ]);
  }
  return toSyncRequest(user, { ...body, conflict_strategy: "ours" });
}

function flag(description: string) {
  return withDefault(z.boolean().describe(description), false);
}
