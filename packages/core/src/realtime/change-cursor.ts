import type { ProjectChanges } from "../adapters/sync-record-store.js";

/** A place among the changes of a project: all changes up to `seq` were told. */
export type ChangeCursor = Pick<ProjectChanges, "feedId" | "seq">;

/** The number of changes from which a client has to read the project's state instead of its changes. */
const MAX_BEHIND = 1_000;
const MAX_TEXT_LENGTH = 8 * 1024;
/** The feed of a project without changes. */
const NO_FEED = "0";

/** Returns the text of a cursor, which clients send back as `after`. */
export function cursorText({ feedId, seq }: ChangeCursor): string {
  return `${feedId ?? NO_FEED}.${seq}`;
}

/**
 * Returns the number from which a client continues; `null` when its cursor is of another store, too old or not a cursor.
 *
 * @param after one cursor, or the cursors of several projects separated by commas
 */
export function resumeFrom(after: string, { feedId, seq }: ChangeCursor): number | null {
  const cursors = parseCursors(after);
  // A client that saw the project before its first change has to be told all changes.
  const known = cursors.find((cursor) => cursor.feedId === feedId) ?? cursors.find((cursor) => cursor.feedId === null);
  if (known === undefined || known.seq > seq || seq - known.seq > MAX_BEHIND) return null;
  return known.seq;
}

function parseCursors(text: string): readonly ChangeCursor[] {
  if (text.length > MAX_TEXT_LENGTH) return [];
  return text.split(",").flatMap((part) => {
    const [, feedId, seq] = /^([\w-]{1,64})\.(\d{1,15})$/.exec(part.trim()) ?? [];
    if (feedId === undefined) return [];
    return [feedId === NO_FEED ? { feedId: null, seq: 0 } : { feedId, seq: Number(seq) }];
  });
}
