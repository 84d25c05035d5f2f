import type { FollowMessage } from "./follow-message.js";

/** The last cursor of each followed project. */
export class ProjectCursors {
  readonly #projectIds: readonly string[];
  /** The cursors that the caller continues from, for projects without a message yet. */
  readonly #after: string;
  readonly #cursors = new Map<string, string>();

  constructor(projectIds: readonly string[], after = "") {
    this.#projectIds = projectIds;
    this.#after = after;
  }

  /** Remembers the cursor of a message. */
  advance(message: FollowMessage): void {
    if ("cursor" in message && "project_id" in message.data) this.#cursors.set(message.data.project_id, message.cursor);
  }

  /** Returns the cursor to continue a project from; an empty string for none. */
  of(projectId: string): string {
    return this.#cursors.get(projectId) ?? this.#after;
  }

  /** Returns the cursors of all projects; the server finds the one of each project in them. */
  toString(): string {
    return [...new Set(this.#projectIds.map((projectId) => this.of(projectId)))].filter(Boolean).join(",");
  }
}
