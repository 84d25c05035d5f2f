import type { Credential } from "../accounts/credential.js";
import { entryAt, walkTree } from "../git/tree.js";
import { mayWriteWorkflows, roleOf } from "./access.js";
import type { BoxRepository } from "./repository.js";
import { brokenRules, type ProposedMove, rulesOfProtection } from "./rules.js";

/** A ref update that a client requests. */
export interface RequestedMove {
  name: string;
  before: string | undefined;
  after: string | undefined;
}

/** The violations of a ref update. */
export interface Violation {
  /** The source of the rules, which determines the format of the error. */
  source: "ruleset" | "protection" | "length";
  messages: string[];
}

/** Maximum length of a full ref name in bytes. */
const MAX_REF_BYTES = 255;

/** True when GitHub rejects a full ref name as too long. */
export function isTooLong(ref: string): boolean {
  return Buffer.byteLength(ref) > MAX_REF_BYTES;
}

/** Checks a ref update against the limit of its name, the rulesets and the classic protection of its branch. Returns `undefined` when it is allowed. */
export async function violationOf(
  repository: BoxRepository,
  credential: Credential | undefined,
  wanted: RequestedMove,
): Promise<Violation | undefined> {
  if (isTooLong(wanted.name)) {
    return { source: "length", messages: [`Sorry, refs longer than ${MAX_REF_BYTES} bytes are not allowed.`] };
  }
  if (!wanted.name.startsWith("refs/heads/")) return undefined;
  const branch = wanted.name.slice("refs/heads/".length);
  const rules = repository.rules.get(branch) ?? [];
  const protection = repository.protections.get(branch);
  if (rules.length === 0 && protection === undefined) return undefined;
  const move = await describeMove(repository, wanted);
  const broken = brokenRules(rules, move);
  if (broken.length > 0) return { source: "ruleset", messages: broken };
  const isAdmin = credential !== undefined && roleOf(credential.actor, repository) === "admin";
  if (protection === undefined || (isAdmin && protection.enforceAdmins === false)) return undefined;
  const messages = brokenRules(rulesOfProtection(protection), move);
  return messages.length === 0 ? undefined : { source: "protection", messages };
}

async function describeMove(repository: BoxRepository, { before, after }: RequestedMove): Promise<ProposedMove> {
  const { history, verified } = repository;
  if (after === undefined) return { kind: "delete", isFastForward: true, isSigned: true, hasMergeCommits: false };
  const heads = repository.refs.list("refs/heads/").map(({ oid }) => oid);
  const added = await history.missing([after], before === undefined ? heads : [before]);
  return {
    kind: before === undefined ? "create" : "update",
    isFastForward: before === undefined || (await history.isAncestor(before, after)),
    isSigned: added.every(({ oid }) => verified.has(oid)),
    hasMergeCommits: added.some(({ parents }) => parents.length > 1),
  };
}

const WORKFLOWS = ".github/workflows";

/**
 * Returns the first workflow file in `tree` that a caller without the `workflow` scope or `workflows` permission cannot write.
 * A file with the same content at the same path in `base` or on any branch is allowed.
 */
export async function forbiddenWorkflow(
  repository: BoxRepository,
  credential: Credential | undefined,
  tree: string,
  base: string | undefined,
): Promise<string | undefined> {
  if (mayWriteWorkflows(credential, repository)) return undefined;
  const wanted = await workflowsOf(repository, tree);
  if (wanted.size === 0) return undefined;
  const commits = repository.refs.list("refs/heads/").map(({ oid }) => repository.treeOf(oid));
  const trees = [base, ...(await Promise.all(commits))].filter((oid) => oid !== undefined);
  const allowed = new Set<string>();
  for (const oid of new Set(trees)) {
    for (const [path, blob] of await workflowsOf(repository, oid)) allowed.add(`${path} ${blob}`);
  }
  return [...wanted].find(([path, blob]) => !allowed.has(`${path} ${blob}`))?.[0];
}

async function workflowsOf(repository: BoxRepository, tree: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const folder = await entryAt(repository.objects, tree, WORKFLOWS);
  if (folder?.mode !== "040000") return files;
  for await (const { path, oid } of walkTree(repository.objects, folder.oid)) files.set(`${WORKFLOWS}/${path}`, oid);
  return files;
}
