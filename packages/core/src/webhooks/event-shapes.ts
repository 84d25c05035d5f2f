import type { EmitterWebhookEvent } from "@octokit/webhooks";
import type { WebhookPayload } from "./webhook-request.js";

/** The name of an event, such as `push`. */
export type WebhookEventName = EmitterWebhookEvent["name"];

/** The properties that distinguish the body of one event from the bodies of all others. */
interface EventShape {
  /** Keys that the body always has. `alert.dependency` is a nested key. */
  readonly has: readonly string[];
  /** Distinctive keys of other events that the body may also have. */
  readonly may: readonly string[];
  /** Common keys that the body never has. */
  readonly lacks: readonly string[];
  /** The possible actions, when the keys do not suffice. */
  readonly action: RegExp | null;
}

/**
 * The shape of every event's body.
 *
 * @see https://docs.github.com/en/webhooks/webhook-events-and-payloads
 */
const SHAPES: Readonly<Record<WebhookEventName, EventShape>> = {
  branch_protection_configuration: shape("action repository", { action: /^(enabled|disabled)$/ }),
  branch_protection_rule: shape("action rule repository"),
  check_run: shape("action check_run"),
  check_suite: shape("action check_suite"),
  code_scanning_alert: shape("action alert commit_oid", { may: "ref" }),
  commit_comment: shape("action comment repository"),
  create: shape("ref ref_type master_branch"),
  custom_property: shape("action definition"),
  custom_property_values: shape("action new_property_values"),
  delete: shape("ref ref_type"),
  dependabot_alert: shape("action alert alert.dependency"),
  deploy_key: shape("action key"),
  deployment: shape("action deployment", { may: "workflow workflow_run" }),
  deployment_protection_rule: shape("action deployment_callback_url", { may: "deployment" }),
  deployment_review: shape("action workflow_run since", { may: "comment workflow_job_run" }),
  deployment_status: shape("action deployment_status deployment", { may: "check_run workflow workflow_run" }),
  discussion: shape("action discussion", { may: "label" }),
  discussion_comment: shape("action comment discussion"),
  fork: shape("forkee"),
  github_app_authorization: shape("action", { lacks: "repository organization installation" }),
  gollum: shape("pages"),
  installation: shape("action installation.account", { lacks: "repository" }),
  installation_repositories: shape("action installation.account repositories_added repositories_removed"),
  installation_target: shape("action account target_type"),
  issue_comment: shape("action issue comment"),
  issue_dependencies: shape("action blocked_issue_id"),
  issues: shape("action issue", { may: "label milestone" }),
  label: shape("action label"),
  marketplace_purchase: shape("action marketplace_purchase"),
  member: shape("action member repository"),
  membership: shape("action member team"),
  merge_group: shape("action merge_group"),
  meta: shape("action hook hook_id"),
  milestone: shape("action milestone"),
  org_block: shape("action blocked_user"),
  organization: shape("action organization", { lacks: "repository" }),
  package: shape("action package"),
  page_build: shape("build id"),
  personal_access_token_request: shape("action personal_access_token_request"),
  ping: shape("zen", { may: "hook hook_id" }),
  project: shape("action project"),
  project_card: shape("action project_card"),
  project_column: shape("action project_column"),
  projects_v2: shape("action projects_v2"),
  projects_v2_item: shape("action projects_v2_item"),
  projects_v2_status_update: shape("action projects_v2_status_update"),
  public: shape("repository", { lacks: "changes" }),
  pull_request: shape("action pull_request number", { may: "label milestone before after" }),
  pull_request_review: shape("action pull_request review"),
  pull_request_review_comment: shape("action pull_request comment"),
  pull_request_review_thread: shape("action pull_request thread"),
  push: shape("ref before after repository"),
  registry_package: shape("action registry_package"),
  release: shape("action release"),
  repository: shape("action repository", { action: /^(?!started$|enabled$|disabled$)/ }),
  repository_advisory: shape("action repository_advisory"),
  repository_dispatch: shape("action client_payload"),
  repository_import: shape("status repository"),
  repository_ruleset: shape("action repository_ruleset"),
  repository_vulnerability_alert: shape("action alert alert.affected_range"),
  secret_scanning_alert: shape("action alert alert.secret_type"),
  secret_scanning_alert_location: shape("action alert location", { may: "alert.secret_type" }),
  secret_scanning_scan: shape("action source completed_at"),
  security_advisory: shape("action security_advisory"),
  security_and_analysis: shape("changes repository"),
  sponsorship: shape("action sponsorship"),
  star: shape("action starred_at"),
  status: shape("sha context branches", { may: "id" }),
  sub_issues: shape("action sub_issue_id"),
  team: shape("action team"),
  team_add: shape("team repository"),
  watch: shape("action repository", { action: /^started$/ }),
  workflow_dispatch: shape("inputs ref workflow"),
  workflow_job: shape("action workflow_job", { may: "deployment" }),
  workflow_run: shape("action workflow_run workflow"),
};

// Keys that any event may have do not distinguish events.
const COMMON = ["sender", "organization", "installation", "enterprise", "repository", "changes"];
const MARKS = [...new Set(Object.values(SHAPES).flatMap(({ has }) => has))].filter((mark) => !COMMON.includes(mark));

/** Returns `true` for an event that the SDK knows. */
export function isKnownEvent(name: string): name is WebhookEventName {
  return Object.hasOwn(SHAPES, name);
}

/**
 * Returns `true` when a body belongs to the event. The header that names the event is not signed; only the body is. The body
 * must have all distinctive keys of the event and none of another event. Unknown keys are ignored.
 */
export function fitsEvent(name: WebhookEventName, payload: WebhookPayload): boolean {
  const { has, may, lacks, action } = SHAPES[name];
  const isForeign = (mark: string): boolean => !has.includes(mark) && !may.includes(mark) && hasKey(payload, mark);
  return (
    has.every((key) => hasKey(payload, key)) &&
    !lacks.some((key) => hasKey(payload, key)) &&
    !MARKS.some(isForeign) &&
    (action === null || action.test(payload.action ?? ""))
  );
}

function shape(
  has: string,
  { may = "", lacks = "", action = null }: { may?: string; lacks?: string; action?: RegExp | null } = {},
): EventShape {
  const words = (text: string): readonly string[] => text.split(" ").filter((word) => word !== "");
  return { has: words(has), may: words(may), lacks: words(lacks), action };
}

function hasKey(payload: object, path: string): boolean {
  let value: unknown = payload;
  for (const key of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return false;
    value = Reflect.get(value, key);
  }
  return value !== undefined;
}
