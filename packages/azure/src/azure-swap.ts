import type { FileRenameResponse, ShareFileClient } from "@azure/storage-file-share";
import {
  ContentFailure,
  type ExpectedFile,
  hasContent,
  keptPath,
  type NewContent,
  verifiedContent,
  type WriteOptions,
  type Written,
} from "@infrajet/github/adapters";
import { isGitHubSdkError } from "@infrajet/github/errors";
import { failureOf } from "./azure-failure.js";
import { throwIfAborted } from "./azure-requests.js";
import { FileContent, versionOf } from "./file-content.js";
import type { FileLeases } from "./file-lease.js";
import { below } from "./find-project.js";
import { createDirectories, TemporaryFile, type WritableProject } from "./temporary-file.js";
import { derivedId } from "./unfinished-name.js";
import { isVersion, versionTag } from "./version-tag.js";
import { moved, unsupported } from "./write-outcome.js";

// More than one is needed only where something is in the way of the first.
const MAX_KEPT = 100;

/** The swap of one file. A lease keeps other clients from writing between the comparison and the swap. */
export class AzureSwap {
  readonly #project: WritableProject;
  readonly #leases: FileLeases;
  readonly #path: string;
  readonly #options: WriteOptions;
  readonly #signals: readonly AbortSignal[];
  readonly #client: ShareFileClient;

  constructor(
    project: WritableProject,
    leases: FileLeases,
    path: string,
    options: WriteOptions,
    signals: readonly AbortSignal[],
  ) {
    this.#project = project;
    this.#leases = leases;
    this.#path = path;
    this.#options = options;
    this.#signals = signals;
    this.#client = project.directory.getFileClient(path);
  }

  /** Writes a file where nothing is. @throws the Azure client's error, also when something is there */
  async create(content: NewContent): Promise<Written> {
    const file = this.#temporary("content");
    let createsDirectories = false;
    try {
      createsDirectories = await file.create(content.size, true, this.#signals);
      await file.fill(verifiedContent(content, content.bytes()), this.#signals);
      throwIfAborted(this.#signals);
      return written(await file.moveTo(this.#path, { replaces: false }, []), content.size);
    } catch (error) {
      await file.discard();
      if (createsDirectories) await removeEmptyDirectories(this.#project, this.#path);
      throw error;
    }
  }

  /** Writes over the expected version. @throws the Azure client's error, also when the file does not exist */
  async replace(content: NewContent, when: ExpectedFile): Promise<Written> {
    const file = this.#temporary("content");
    let isMoved = false;
    try {
      await file.create(content.size, false, this.#signals);
      await file.fill(verifiedContent(content, content.bytes()), this.#signals);
      return await this.#underLease(when, async (leaseId) => {
        const response = await file.moveTo(this.#path, { replaces: true, leaseId }, []);
        isMoved = true;
        return written(response, content.size);
      });
    } finally {
      if (!isMoved) await file.discard();
    }
  }

  /** Removes the expected version. @throws the Azure client's error, also when the file does not exist */
  async remove(when: ExpectedFile): Promise<Written> {
    return this.#underLease(when, async (leaseId) => {
      let sent = 0;
      try {
        await this.#project.requests.send([], (abortSignal, tries) => {
          sent = tries;
          return this.#client.delete({ abortSignal, leaseAccessConditions: { leaseId } });
        });
      } catch (error) {
        // Not found after a second try: the first try deleted the file, but its response was lost.
        if (failureOf(error).kind !== "gone" || sent === 1) throw error;
      }
      return { outcome: "written", versionTag: null };
    });
  }

  /** Compares the file under a lease, keeps the version if that is asked for, and swaps it. */
  async #underLease(when: ExpectedFile, swap: (leaseId: string) => Promise<Written>): Promise<Written> {
    const leaseId = derivedId("lease", this.#options.operation, this.#path);
    return this.#leases.with(this.#client, leaseId, this.#project.requests, this.#signals, async () => {
      if (!(await this.#isExpected(when))) return moved(this.#path);
      if (this.#options.keep === "aside") {
        const failure = await this.#keep(when);
        if (failure !== null) return failure;
      }
      // A swap whose response is lost would be an unknown outcome, so it is not aborted.
      throwIfAborted(this.#signals);
      return swap(leaseId);
    });
  }

  async #isExpected(when: ExpectedFile): Promise<boolean> {
    const properties = await this.#project.requests.send(this.#signals, (abortSignal) =>
      this.#client.getProperties({ abortSignal }),
    );
    const version = { ...versionOf(properties), size: properties.contentLength };
    if (when.versionTag !== null && isVersion(when.versionTag, version)) return true;
    return version.size === when.size && this.#hasContent(this.#client, when);
  }

  async #hasContent(client: ShareFileClient, when: ExpectedFile): Promise<boolean> {
    try {
      return await hasContent(when, (await this.#read(client)).bytes());
    } catch (error) {
      if (isGitHubSdkError(error, "source_changed")) return false;
      throw error;
    }
  }

  /** Copies the version to the directory of kept versions. Returns the outcome of the write when that is not possible. */
  async #keep(when: ExpectedFile): Promise<Written | null> {
    const copy = this.#temporary("kept");
    try {
      await copy.create(when.size, false, this.#signals);
      const present = await this.#read(this.#client);
      await copy.fill(verifiedContent(when, present.bytes()), this.#signals);
      for (let number = 1; number <= MAX_KEPT; number += 1) {
        const kept = keptPath(this.#options.operation, this.#path, number);
        if (await this.#keepAs(copy, kept, when)) return null;
      }
      return unsupported(`The replaced version of ${this.#path} cannot be kept below .infrajet/kept.`);
    } catch (error) {
      // The tag was the expected one, but the content is not.
      if (isGitHubSdkError(error, "internal_error")) return moved(this.#path);
      throw error instanceof ContentFailure ? error.cause : error;
    } finally {
      await copy.discard();
    }
  }

  /** Returns false when something else is at the path, or in the way. */
  async #keepAs(copy: TemporaryFile, kept: string, when: ExpectedFile): Promise<boolean> {
    const { directory, requests } = this.#project;
    await createDirectories(directory, kept.split("/").slice(0, -1), requests, this.#signals).catch(ignoreInTheWay);
    try {
      await copy.moveTo(kept, { replaces: false }, this.#signals);
      return true;
    } catch (error) {
      ignoreInTheWay(error);
      // An earlier attempt kept this version.
      return this.#hasContent(directory.getFileClient(kept), when);
    }
  }

  #read(client: ShareFileClient): Promise<FileContent> {
    const { requests } = this.#project;
    const reading = { client, path: this.#path, requests, signals: this.#signals, isFrozen: false };
    return FileContent.open(reading, () => {});
  }

  #temporary(purpose: "content" | "kept"): TemporaryFile {
    return new TemporaryFile(this.#project, this.#path, derivedId(purpose, this.#options.operation, this.#path));
  }
}

/** Removes the directories above a path, from the lowest, as long as they are empty. Failures leave them. */
export async function removeEmptyDirectories(project: WritableProject, path: string): Promise<void> {
  const parents = path.split("/").slice(0, -1);
  for (let depth = parents.length; depth > 0; depth -= 1) {
    const directory = below(project.directory, parents.slice(0, depth));
    try {
      await project.requests.send([], (abortSignal) => directory.delete({ abortSignal }));
    } catch (error) {
      if (failureOf(error).kind !== "gone") return;
    }
  }
}

function written(response: FileRenameResponse | null, size: number): Written {
  if (response === null) return { outcome: "written", versionTag: null };
  const { etag, lastModified, fileId, fileLastWriteTime: lastWriteTime, fileChangeTime: changeTime } = response;
  return {
    outcome: "written",
    versionTag: versionTag({ etag, size, lastModified, fileId, lastWriteTime, changeTime }),
  };
}

/** @throws the error unless a file, directory or missing directory is in the way */
function ignoreInTheWay(error: unknown): void {
  const { kind, code } = failureOf(error);
  if (kind !== "gone" && kind !== "changed" && code !== "ResourceAlreadyExists") throw error;
}
