import { createHash } from "node:crypto";
import { type BoxRepository, createGitHubBox, type GitHubBox, type TokenOptions } from "@infrajet/github-testing";
import type { FileMode } from "../../src/domain/project-file.js";
import type { ObjectId } from "../../src/domain/repository.js";
import { type GitHubSdkError, isGitHubSdkError } from "../../src/errors.js";
import { deflateBytes, deflatedInMemory } from "../../src/git/deflated.js";
import { updateTrees } from "../../src/git/tree-builder.js";
import { tokenCredential } from "../../src/github/credential.js";
import type { GitHubClient } from "../../src/github/github-client.js";
import { createGitHubClients } from "../../src/github/github-clients.js";
import { readEntries, viewBranch } from "../../src/repository/branch-reader.js";
import type { ChangeSet, CommitWriter, FileWrite, WrittenCommit } from "../../src/repository/commit-writer.js";
import { ManualClock } from "../github/manual-clock.js";

export const never = new AbortController().signal;

/** A file of a change set: text or bytes, with an optional mode. */
export type Content = string | Uint8Array | { readonly content: string | Uint8Array; readonly mode: FileMode };

/** The changes of a write, and its branch. */
export interface Change {
  readonly writes?: Readonly<Record<string, Content>>;
  readonly deletes?: readonly string[];
  readonly branch?: string;
  readonly message?: string;
  readonly expectedTree?: ObjectId;
}

/** A write and the calls of its callbacks. */
export interface Written {
  readonly commit: WrittenCommit;
  readonly announced: readonly (ObjectId | null)[];
  readonly progress: readonly number[];
}

/** A GitHub double behind a real HTTP server, with one repository and a client for its owner. */
export class BoxedGitHub {
  readonly clock = new ManualClock();

  private constructor(
    readonly box: GitHubBox,
    readonly url: string,
    readonly repository: BoxRepository,
    readonly client: GitHubClient,
  ) {}

  static async start(
    options: { readonly empty?: boolean; readonly token?: Partial<TokenOptions>; readonly path?: string } = {},
  ) {
    const box = await createGitHubBox();
    const { url } = await box.listen();
    const repository = await box.createRepository({ owner: "octo", name: "project" });
    if (options.empty !== true) {
      await repository.commit({
        message: "First",
        files: {
          "README.md": "hello\n",
          "docs/guide.md": "guide\n",
          "run.sh": { content: "#!/bin/sh\n", mode: "100755" },
          link: { content: "README.md", mode: "120000" },
        },
      });
    }
    const token = box.addToken({ login: "octo", ...options.token });
    const boxed: BoxedGitHub = new BoxedGitHub(box, url, repository, connect(box, url + (options.path ?? ""), token));
    box.resetCounters();
    return boxed;
  }

  /** Returns a client with its own token. */
  clientFor(token: Partial<TokenOptions>, path = ""): GitHubClient {
    return connect(this.box, this.url + path, this.box.addToken({ login: "octo", ...token }));
  }

  view(branch = "main", directory = "") {
    return viewBranch(this.client, "octo/project", branch, directory, never);
  }

  /** Returns the change set against the current branch. */
  async changeSet(change: Change): Promise<ChangeSet> {
    const { branch = "main", message = "Change things", writes = {}, deletes = [] } = change;
    const view = await this.view(branch);
    const modes = new Map(
      [...(await this.repository.files(view.head === null ? "main" : branch))].map(([path, { mode }]) => [path, mode]),
    );
    const contents = new Map<ObjectId, Uint8Array>();
    const listing =
      view.rootTree === null ? new Map() : await readEntries(this.client, "octo/project", view.rootTree, never);
    const files: FileWrite[] = Object.entries(writes).map(([path, value]) => {
      const { content, mode } =
        typeof value === "string" || value instanceof Uint8Array ? { content: value, mode: "100644" as const } : value;
      const bytes = Buffer.from(content);
      const oid = blobId(bytes);
      contents.set(oid, bytes);
      return { path, mode, oid, size: bytes.length, previousMode: modes.get(path) ?? null };
    });
    const oids = new Set(Array.from(listing.values(), ({ oid }) => oid));
    const updated = updateTrees({
      root: view.rootTree,
      listing,
      changes: [
        ...files.map(({ path, mode, oid }) => [path, { mode, oid }] as const),
        ...deletes.map((path) => [path, null] as const),
      ],
      format: "sha1",
    });
    return {
      repository: view.repository,
      branch,
      missing: updated.faithful
        ? {
            directory: "",
            before: updated.before,
            tree: updated.root,
            trees: updated.trees,
            blobs: [...contents.keys()].filter((oid) => !oids.has(oid)),
          }
        : null,
      author: view.author,
      requestedAuthor: null,
      date: new Date(1_700_000_000_000),
      deflated: async (oid) => {
        const bytes = contents.get(oid) ?? Buffer.from(`no content ${oid}`);
        return deflatedInMemory(bytes.length, await deflateBytes(bytes));
      },
      expectedHead: view.head,
      parent: view.start,
      baseTree: view.rootTree,
      writes: files.sort((left, right) => (left.path < right.path ? -1 : 1)),
      deletes: [...deletes].sort(),
      message,
      trailer: "Infrajet-Sync: 7/1",
      expectedTree: change.expectedTree ?? null,
      content: async (oid) => contents.get(oid) ?? Promise.reject(new Error(`no content ${oid}`)),
    };
  }

  async write(writer: CommitWriter, changeSet: ChangeSet, client = this.client): Promise<Written> {
    const announced: (ObjectId | null)[] = [];
    const progress: number[] = [];
    const commit = await writer.write(changeSet, {
      client,
      signal: never,
      beforeMove: async (commitId) => {
        announced.push(commitId);
      },
      onProgress: (files) => progress.push(files),
    });
    return { commit, announced, progress };
  }

  /** Returns the files of a branch with mode and content. */
  async files(branch = "main"): Promise<Record<string, string>> {
    const files = await this.repository.files(branch);
    return Object.fromEntries(
      [...files].map(([path, { mode, content }]) => [path, `${mode} ${content.toString("latin1")}`]),
    );
  }

  /** Returns the called routes and operations, in order. */
  calls(): string[] {
    return this.box.requests.map(({ route, operation }) => operation ?? route);
  }

  close(): Promise<void> {
    return this.box.close();
  }
}

function connect(_box: GitHubBox, apiUrl: string, token: string): GitHubClient {
  return createGitHubClients({ apiUrl, userAgent: "test", retryBaseMs: 1 }).for(tokenCredential(token));
}

/** Returns the SDK error that the promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<GitHubSdkError> {
  try {
    await promise;
  } catch (error) {
    if (isGitHubSdkError(error)) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

/** Returns the blob id of the bytes. */
export function blobId(bytes: Uint8Array): ObjectId {
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}
