import type { CommitAuthor } from "../domain/commit-author.js";
import type { ObjectId } from "../domain/repository.js";
import { GitHubSdkError } from "../errors.js";
import { signatureHeader, writeCommit } from "../git/commit.js";
import { deflateBytes, deflatedInMemory } from "../git/deflated.js";
import { type ObjectType, objectFormatOf } from "../git/object-id.js";
import { type PackObject, packSize, writePack } from "../git/pack-writer.js";
import { type PushReport, parsePushReport, pushCommand } from "../git/receive-pack.js";
import { errorFromPush, unavailableError } from "../github/error-mapping.js";
import type { StreamedBody } from "../github/github-client.js";
import { withTrailer } from "./commit-message.js";
import type { ChangeSet, CommitWriter, WriteContext, WrittenCommit } from "./commit-writer.js";
import { branchMoved, explainRefusal } from "./explain-refusal.js";
import { type NewRoot, RootBuilder } from "./root-builder.js";
import { type SignCommit, signatureOf } from "./sign-commit.js";
import { changedPaths, touchesWorkflows } from "./written-paths.js";

/** The host's options for pushed commits. */
export interface PushWriterOptions {
  /** The committer, and the author unless a sync requests one; `null` for the account of the credential. */
  readonly author: CommitAuthor | null;
  /** Signs the commits; `null` for unsigned commits. */
  readonly sign: SignCommit | null;
}

// https://docs.github.com/en/repositories/creating-and-managing-repositories/repository-limits
const LARGEST_FILE = 100 * 1024 * 1024;
const LARGEST_PUSH = 2 * 1024 * 1024 * 1024;

/**
 * Returns a writer that pushes with git's protocol over HTTP, without a clone: one request sends the objects that the
 * repository does not have, whatever their number, and moves the branch by compare-and-swap.
 *
 * @see https://git-scm.com/docs/gitprotocol-http
 */
export function createPushWriter(options: PushWriterOptions): CommitWriter {
  const roots = new RootBuilder();
  return {
    name: "push",
    refusal,
    unsuitable: () => null,
    signer: () => (options.sign === null ? null : "the host"),
    // A proxy may block GitHub's web address, but not its API.
    fallsBackOn: new Set([
      "input_too_large",
      "signature_required",
      "writer_refused",
      "insufficient_permissions",
      "repository_not_found",
      "github_redirect_refused",
    ]),
    write: async (changeSet, context) => {
      const root = await roots.build(changeSet, context);
      const commit = await makeCommit(changeSet, root.oid, options);
      const push = await Push.prepare(changeSet, root, commit);
      await push.send(context);
      roots.remember(root);
      const url = `${changeSet.repository.htmlUrl}/commit/${commit.oid}`;
      return { commitId: commit.oid, url, rootTree: root.oid, notes: [] } satisfies WrittenCommit;
    },
  };
}

function refusal({ writes, missing }: ChangeSet): string | null {
  if (missing === null)
    return "the branch contains paths that GitHub's API does not report faithfully (for example non-UTF-8 names)";
  const large = writes.find(({ size }) => size > LARGEST_FILE);
  return large === undefined ? null : `GitHub accepts files of up to 100 MB, and ${large.path} is larger`;
}

async function makeCommit(changeSet: ChangeSet, tree: ObjectId, { author, sign }: PushWriterOptions) {
  const { parent, message, trailer, date, requestedAuthor } = changeSet;
  const time = { timestamp: Math.floor(date.getTime() / 1000), timezone: "+0000" };
  const committer = author ?? changeSet.author;
  const commit = {
    tree,
    parents: parent === null ? [] : [parent],
    author: { ...(requestedAuthor ?? committer), ...time },
    committer: { ...committer, ...time },
    headers: [],
    message: `${withTrailer(message, trailer)}\n`,
  };
  const unsigned = writeCommit(commit);
  if (sign === null) return unsigned;
  const signature = await signatureOf(sign, unsigned.bytes);
  return writeCommit({ ...commit, headers: [{ name: signatureHeader(objectFormatOf(tree)), value: signature }] });
}

type RefusedPush = Extract<PushReport, { readonly moved: false }>;

// Git's texts for a branch that another push has moved, or is moving.
const REF_NOT_UPDATED = /^(?:failed to update ref|cannot lock ref|non-fast-forward)/i;

/** One push. Its bytes are the same each time that it is sent. */
class Push {
  readonly #changeSet: ChangeSet;
  readonly #commitId: ObjectId;
  readonly #objects: readonly PackObject[];
  /** The number of objects that are files. */
  readonly #blobs: number;

  private constructor(changeSet: ChangeSet, commitId: ObjectId, objects: readonly PackObject[], blobs: number) {
    this.#changeSet = changeSet;
    this.#commitId = commitId;
    this.#objects = objects;
    this.#blobs = blobs;
  }

  static async prepare(
    changeSet: ChangeSet,
    root: NewRoot,
    commit: { readonly oid: ObjectId; readonly bytes: Uint8Array },
  ): Promise<Push> {
    const objects: PackObject[] = [];
    for (const oid of root.blobs) objects.push({ type: "blob", content: await changeSet.deflated(oid) });
    for (const { bytes } of root.trees) objects.push(await packed("tree", bytes));
    objects.push(await packed("commit", commit.bytes));
    return new Push(changeSet, commit.oid, objects, root.blobs.length);
  }

  /** Sends the push. @throws GitHubSdkError `branch_moved` when the head is not the expected one, and what the writer throws */
  async send(context: WriteContext): Promise<void> {
    const { repository, branch } = this.#changeSet;
    const request = { repository: repository.fullName, body: this.#body(context) };
    const { data } = await context.client.git(request, context.signal);
    const report = parsePushReport(data, branch);
    if (report === null) throw unavailableError(new Error("The report of the push was cut short."));
    if (report.moved) return;
    throw await this.#errorOf(report, context);
  }

  async #errorOf({ brokenOff, reason, messages }: RefusedPush, { client, signal }: WriteContext): Promise<unknown> {
    const { repository, branch, expectedHead } = this.#changeSet;
    const isMovedByOther = expectedHead !== null && REF_NOT_UPDATED.test(reason);
    // The other messages concern something else then, such as a bypassed rule.
    const error = errorFromPush(isMovedByOther ? reason : `${reason}\n${messages}`, touchesWorkflows(this.#changeSet));
    if (isMovedByOther) return branchMoved(branch, error);
    // The branch may have moved before the server aborted.
    if (brokenOff && error.code === "github_rejected") return unavailableError(error);
    const move = { repository, branch, from: expectedHead, paths: changedPaths(this.#changeSet) };
    return explainRefusal(client, move, error, signal);
  }

  #body(context: WriteContext): StreamedBody {
    const { branch, expectedHead } = this.#changeSet;
    const format = objectFormatOf(this.#commitId);
    const command = pushCommand({ branch, from: expectedHead, to: this.#commitId });
    const length = command.length + packSize(this.#objects, format);
    if (length > LARGEST_PUSH) {
      throw new GitHubSdkError(
        "input_too_large",
        "GitHub accepts pushes of up to 2 GB. Sync a part of the project first.",
      );
    }
    const onObject = (count: number): void => {
      if (count <= this.#blobs) context.onProgress(count);
    };
    const pack = () => writePack(this.#objects, format, onObject);
    const beforeEnd = () => context.beforeMove(this.#commitId, expectedHead);
    return { length, pieces: () => pieces(command, pack(), beforeEnd) };
  }
}

/** Holds back the last piece until `beforeEnd` resolves: without it the server cannot move the branch, so the push can be cancelled. */
async function* pieces(
  command: Uint8Array,
  pack: AsyncIterable<Uint8Array>,
  beforeEnd: () => Promise<void>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let held = command;
  for await (const piece of pack) {
    yield held;
    held = piece;
  }
  await beforeEnd();
  yield held;
}

async function packed(type: ObjectType, bytes: Uint8Array): Promise<PackObject> {
  return { type, content: deflatedInMemory(bytes.length, await deflateBytes(bytes)) };
}
