import type { BigIntStats } from "node:fs";
import { lstat, rename, unlink } from "node:fs/promises";
import type { Clock } from "../adapters/clock.js";
import type { Expected, NewContent, WriteOptions, Written } from "../adapters/project-files.js";
import { isGone } from "./file-error.js";
import { type FilePlace, statsOf } from "./file-place.js";
import type { HiddenName } from "./hidden-name.js";
import { removeIfThere, writeNewFile } from "./new-file.js";
import { isSameStamp, versionTag } from "./version-tag.js";

/** The present version of a file. */
interface Sighting {
  readonly stats: BigIntStats;
  /** True when a later write would change the stamp. */
  readonly isReliable: boolean;
}

/** A version that was moved aside and is the expected one. */
interface Caught {
  readonly aside: HiddenName;
  readonly stats: BigIntStats;
}

/** The parts of a source that a swap uses. */
export interface SwapContext {
  readonly clock: Clock;
  /** True when the executable bits of the file system are used. */
  readonly fileMode: boolean;
}

/** The swap of one file. Nothing is lost or half written, whatever other processes do, and at whatever step this one is killed. */
export class FileSwap {
  readonly #place: FilePlace;
  readonly #context: SwapContext;
  readonly #when: Expected;
  readonly #options: WriteOptions;

  constructor(place: FilePlace, context: SwapContext, when: Expected, options: WriteOptions) {
    this.#place = place;
    this.#context = context;
    this.#when = when;
    this.#options = options;
  }

  /** Writes a file. @param target the target of a symbolic link; `null` for a regular file */
  async replace(content: NewContent, target: Buffer | null): Promise<Written> {
    const { signal } = this.#options;
    const sighting = await this.#look();
    if (typeof sighting === "string") return moved(sighting);
    const fresh = this.#hidden("new");
    if (target === null) {
      await writeNewFile(this.#place.at(fresh), content, this.#permissions(content, sighting), signal);
    }
    const discard = (): Promise<void> => removeIfThere(this.#place.at(fresh)).catch(() => {});
    try {
      signal?.throwIfAborted();
      const reason = await this.#exchange(sighting, () =>
        target === null ? this.#place.place(fresh) : this.#place.placeLink(target),
      );
      if (target === null) await discard();
      return reason === null ? await this.#written() : moved(reason);
    } catch (error) {
      if (target === null) await discard();
      throw error;
    }
  }

  /** Removes a file. */
  async remove(): Promise<Written> {
    const sighting = await this.#look();
    if (typeof sighting === "string") return moved(sighting);
    this.#options.signal?.throwIfAborted();
    const reason = await this.#exchange(sighting, async () => true);
    return reason === null ? this.#written() : moved(reason);
  }

  /** Moves the old version aside, puts the new one in its place, and keeps or drops the old one. Returns the reason if it cannot. */
  async #exchange(sighting: Sighting | null, place: () => Promise<boolean>): Promise<string | null> {
    const { path } = this.#place;
    if (sighting === null) return (await place()) ? null : createdReason(path);
    const caught = await this.#catch(sighting);
    if (caught === null) return changedReason(path);
    const isPlaced = await place().catch(async (error: unknown) => {
      await this.#place.putBack(caught.aside).catch(() => {});
      throw error;
    });
    await this.#settle(caught);
    return isPlaced ? null : createdReason(path);
  }

  /** Returns the present version, `null` for none, or the reason when it is not the expected one. */
  async #look(): Promise<Sighting | null | string> {
    const { location, path } = this.#place;
    const now = this.#context.clock.now();
    const stats = await statsOf(location);
    if (this.#when === "absent") return stats === null ? null : createdReason(path);
    if (stats === null) return `${path} was removed from the project.`;
    if (!(await this.#place.has(this.#when, stats))) return changedReason(path);
    return { stats, isReliable: versionTag(stats, now) !== null };
  }

  /** Moves the present version aside. Returns `null`, with the version back at its place, when it is not the expected one. */
  async #catch(sighting: Sighting): Promise<Caught | null> {
    const aside = this.#hidden("aside");
    const location = this.#place.at(aside);
    try {
      await rename(this.#place.location, location);
    } catch (error) {
      if (isGone(error)) return null;
      throw error;
    }
    try {
      const stats = await lstat(location, { bigint: true });
      if (await this.#isStillExpected(sighting, stats, aside)) return { aside, stats };
    } catch (error) {
      await this.#place.putBack(aside).catch(() => {});
      throw error;
    }
    await this.#place.putBack(aside);
    return null;
  }

  async #isStillExpected(sighting: Sighting, stats: BigIntStats, aside: HiddenName): Promise<boolean> {
    // Renaming changes only the ctime. Comparing the content again would prolong the time without a file.
    const isSame = isSameStamp({ ...sighting.stats, ctimeNs: 0n }, { ...stats, ctimeNs: 0n });
    if (isSame && sighting.isReliable) return true;
    return this.#when !== "absent" && this.#place.has(this.#when, stats, aside);
  }

  async #settle({ aside, stats }: Caught): Promise<void> {
    const now = await statsOf(this.#place.at(aside));
    // A user deleted it.
    if (now === null) return;
    // A program that has the replaced file open may have written to it.
    if (this.#options.keep === "drop" && isSameStamp(stats, now)) await unlink(this.#place.at(aside));
    else await this.#place.keep(aside);
  }

  /** A stamp that is so new is not reliable, so there is no tag. */
  async #written(): Promise<Written> {
    await this.#place.directory.sync();
    return { outcome: "written", versionTag: null };
  }

  #hidden(kind: "new" | "aside"): HiddenName {
    const oid = this.#when === "absent" ? null : this.#when.oid;
    return this.#place.hidden(kind, { keep: this.#options.keep, oid });
  }

  /** Returns the permissions of the replaced file with the executable bits of the new one; `null` for those of new files. */
  #permissions({ mode }: NewContent, sighting: Sighting | null): number | null {
    if (sighting === null || !sighting.stats.isFile()) return null;
    const present = Number(sighting.stats.mode & 0o777n);
    if (!this.#context.fileMode) return present;
    return mode === "100755" ? present | 0o100 | ((present & 0o444) >> 2) : present & ~0o111;
  }
}

function moved(reason: string): Written {
  return { outcome: "moved", reason };
}

function changedReason(path: string): string {
  return `${path} was changed in the project.`;
}

function createdReason(path: string): string {
  return `${path} was created in the project.`;
}
