import type { ResolutionStore } from "../adapters/resolution-store.js";
import { type SyncTarget, syncTargetText } from "../domain/repository.js";
import type { StoredResolution } from "../domain/stored-resolution.js";

/** A store of resolutions in memory, for development and tests. Its content is lost when the process ends. */
export class MemoryResolutionStore implements ResolutionStore {
  readonly #held = new Map<string, Map<string, StoredResolution>>();

  async list(target: SyncTarget): Promise<readonly StoredResolution[]> {
    const held = this.#held.get(syncTargetText(target)) ?? new Map<string, StoredResolution>();
    return [...held.keys()].sort().flatMap((path) => copyOf(held.get(path)) ?? []);
  }

  async put(target: SyncTarget, resolution: StoredResolution): Promise<void> {
    const key = syncTargetText(target);
    const held = this.#held.get(key) ?? new Map<string, StoredResolution>();
    this.#held.set(key, held.set(resolution.path, structuredClone(resolution)));
  }

  async remove(target: SyncTarget, ids: readonly string[]): Promise<void> {
    const held = this.#held.get(syncTargetText(target));
    for (const [path, { id }] of held ?? []) {
      if (ids.includes(id)) held?.delete(path);
    }
  }
}

function copyOf(resolution: StoredResolution | undefined): StoredResolution | undefined {
  return resolution === undefined ? undefined : structuredClone(resolution);
}
