/**
 * The kind of a collision: the same path twice, names that differ only in case, names that differ only in Unicode normal form
 * (a checkout on Windows or macOS cannot contain both), or a file where the other path needs a directory.
 */
export type PathCollisionKind = "duplicate" | "case" | "unicode" | "file_and_directory";

/** Two paths of one tree that some file systems cannot check out together. */
export interface PathCollision {
  readonly kind: PathCollisionKind;
  readonly first: string;
  readonly second: string;
}

/**
 * Finds the names that collide in a directory, reported by the first path below each name: `A/x` and `a/y` collide because of
 * `A` and `a`. Paths below a collision are skipped, so that a pair of directories is reported once. The result has the order
 * of the paths; the time is linear in their total length.
 */
export function pathCollisions(paths: Iterable<string>): PathCollision[] {
  const root: Directory = new Map();
  const collisions: PathCollision[] = [];
  for (const path of paths) {
    const collision = insert(root, path);
    if (collision !== null) collisions.push(collision);
  }
  return collisions;
}

/**
 * Returns a form that is equal for all names that differ only in case or Unicode normal form (canonical caseless matching).
 *
 * @see https://www.unicode.org/versions/Unicode15.0.0/ch03.pdf (D145)
 */
export function foldName(name: string): string {
  if (ASCII.test(name)) return name.toUpperCase();
  // Upper case alone distinguishes ẞ from ß, and equates ı with i, unlike Unicode's case folding.
  return name
    .normalize("NFD")
    .replace(/[^ı]+/g, (part) => part.toLowerCase().toUpperCase())
    .normalize("NFD");
}

const ASCII = /^[\0-\x7f]*$/;

/** The names of a directory by their folded form. */
type Directory = Map<string, Name>;

interface Name {
  readonly spelling: string;
  /** The first path below this name. */
  readonly path: string;
  /** `null` for a file. */
  readonly directory: Directory | null;
  /** The other spellings that were already reported. */
  readonly reported: Set<string>;
}

function insert(root: Directory, path: string): PathCollision | null {
  const segments = path.split("/");
  let directory = root;
  for (const [depth, spelling] of segments.entries()) {
    const isFile = depth === segments.length - 1;
    const folded = foldName(spelling);
    const name = directory.get(folded);
    if (name === undefined) {
      const added: Name = { spelling, path, directory: isFile ? null : new Map(), reported: new Set() };
      directory.set(folded, added);
      if (added.directory === null) return null;
      directory = added.directory;
    } else if (name.spelling === spelling && name.directory !== null && !isFile) {
      directory = name.directory;
    } else {
      return collide(name, spelling, isFile, path);
    }
  }
  return null;
}

function collide(name: Name, spelling: string, isFile: boolean, path: string): PathCollision | null {
  const key = `${spelling}${isFile ? "" : "/"}`;
  if (name.reported.has(key) && !(isFile && name.directory === null)) return null;
  name.reported.add(key);
  return { kind: kindOf(name, spelling, isFile), first: name.path, second: path };
}

function kindOf(name: Name, spelling: string, isFile: boolean): PathCollisionKind {
  if (name.spelling !== spelling) {
    return name.spelling.normalize() === spelling.normalize() ? "unicode" : "case";
  }
  return isFile && name.directory === null ? "duplicate" : "file_and_directory";
}
