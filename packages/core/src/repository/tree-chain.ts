import type { ObjectId } from "../domain/repository.js";
import { isGitHubSdkError } from "../errors.js";
import { createdObjectSchema, parseResponse } from "../github/parse-response.js";
import { repositoryParameters } from "../github/repository-name.js";
import type { ChangeSet, WriteContext } from "./commit-writer.js";
import { withRejectedPaths } from "./explain-refusal.js";
import type { TreeEntry } from "./tree-entry.js";
import { changedPaths, touchesWorkflows } from "./written-paths.js";

// Sizes up to which tree requests are known to work; GitHub documents no limit.
const MAX_INLINE_ENTRIES = 100;
const MAX_OTHER_ENTRIES = 1000;
const MAX_JSON_BYTES = 1_000_000;

/**
 * Builds one tree from any number of entries, with as many requests as their size requires: each applies its entries to the
 * tree of the previous request. No branch shows these trees.
 */
export class TreeChain {
  #tree: ObjectId;
  #waiting: TreeEntry[] = [];
  #fill = 0;
  #bytes = 0;
  readonly #changeSet: ChangeSet;
  readonly #context: WriteContext;

  constructor(base: ObjectId, changeSet: ChangeSet, context: WriteContext) {
    this.#changeSet = changeSet;
    this.#context = context;
    this.#tree = base;
  }

  /** Adds an entry, and sends the waiting entries when a request is full. */
  async add(entry: TreeEntry): Promise<void> {
    const share = 1 / ("content" in entry ? MAX_INLINE_ENTRIES : MAX_OTHER_ENTRIES);
    const bytes = Buffer.byteLength(JSON.stringify(entry));
    // The floating-point sum of a hundred hundredths is not exactly one.
    if (this.#fill + share > 1.000_001 || this.#bytes + bytes > MAX_JSON_BYTES) await this.flush();
    this.#waiting.push(entry);
    this.#fill += share;
    this.#bytes += bytes;
  }

  /** Sends the waiting entries and returns the tree with all entries so far. */
  async flush(): Promise<ObjectId> {
    const entries = this.#waiting;
    this.#waiting = [];
    this.#fill = 0;
    this.#bytes = 0;
    if (entries.length > 0) this.#tree = await this.#create(this.#tree, entries);
    return this.#tree;
  }

  /** Splits a request that was too large for GitHub into two halves. */
  async #create(base: ObjectId, entries: readonly TreeEntry[]): Promise<ObjectId> {
    const canBeHalved = entries.length > 1;
    try {
      return await this.#post(base, entries, canBeHalved ? "never" : "safe");
    } catch (error) {
      if (!canBeHalved || !mayBeTooLarge(error)) throw error;
    }
    const middle = Math.ceil(entries.length / 2);
    const half = await this.#create(base, entries.slice(0, middle));
    return this.#create(half, entries.slice(middle));
  }

  async #post(base: ObjectId, tree: readonly TreeEntry[], retry: "safe" | "never"): Promise<ObjectId> {
    const { client, signal } = this.#context;
    const parameters = { ...repositoryParameters(this.#changeSet.repository.fullName), base_tree: base, tree };
    const options = { signal, retry, touchesWorkflows: touchesWorkflows(this.#changeSet) };
    try {
      const response = await client.request("POST /repos/{owner}/{repo}/git/trees", parameters, options);
      return parseResponse(createdObjectSchema, response).sha;
    } catch (error) {
      throw withRejectedPaths(error, changedPaths(this.#changeSet));
    }
  }
}

/** GitHub reports it as too large, or its gateway timed out. */
function mayBeTooLarge(error: unknown): boolean {
  return isGitHubSdkError(error, "input_too_large") || isGitHubSdkError(error, "github_unavailable");
}
