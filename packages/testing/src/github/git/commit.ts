/** The author or committer of a commit, with a time. */
export interface Signature {
  name: string;
  email: string;
  /** Seconds since the epoch. */
  seconds: number;
  /** Offset from UTC in git's format, such as `+0000`. */
  offset: string;
}

/** The content of a commit object. */
export interface Commit {
  tree: string;
  parents: string[];
  author: Signature;
  committer: Signature;
  message: string;
  /** The armored signature of the `gpgsig` header. */
  signature?: string;
}

/** Serializes the body of a commit object. Without `signed`, omits the signature and returns the payload that was signed. */
export function serializeCommit(commit: Commit, signed = true): Buffer {
  const headers = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${writeSignature(commit.author)}`,
    `committer ${writeSignature(commit.committer)}`,
    ...(signed && commit.signature !== undefined ? [`gpgsig ${commit.signature.replaceAll("\n", "\n ")}`] : []),
  ];
  return Buffer.from(`${headers.join("\n")}\n\n${commit.message}`);
}

/** Parses the body of a commit object. */
export function parseCommit(body: Buffer): Commit {
  const text = body.toString();
  const end = text.indexOf("\n\n");
  const commit: Commit = {
    tree: "",
    parents: [],
    author: NO_SIGNATURE,
    committer: NO_SIGNATURE,
    message: text.slice(end + 2),
  };
  for (const [name, value] of headerFields(text.slice(0, end))) {
    if (name === "tree") commit.tree = value;
    else if (name === "parent") commit.parents.push(value);
    else if (name === "author") commit.author = readSignature(value);
    else if (name === "committer") commit.committer = readSignature(value);
    else if (name === "gpgsig") commit.signature = value;
  }
  return commit;
}

/** Formats seconds since the epoch as GitHub does: ISO 8601 in UTC without fractions. */
export function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

const NO_SIGNATURE: Signature = { name: "", email: "", seconds: 0, offset: "+0000" };

function headerFields(head: string): [name: string, value: string][] {
  // A line that begins with a space continues the previous line, as in `gpgsig`.
  return head.split(/\n(?! )/).map((line) => {
    const space = line.indexOf(" ");
    return [line.slice(0, space), line.slice(space + 1).replaceAll("\n ", "\n")];
  });
}

function writeSignature({ name, email, seconds, offset }: Signature): string {
  const clean = (text: string): string => text.replace(/[<>\n\0]/g, "").trim();
  return `${clean(name)} <${clean(email)}> ${seconds} ${offset}`;
}

function readSignature(value: string): Signature {
  const match = /^(.*?) ?<(.*?)> (-?\d+) ([+-]\d{4})$/.exec(value);
  if (match === null) return NO_SIGNATURE;
  const [, name = "", email = "", seconds = "0", offset = "+0000"] = match;
  return { name, email, seconds: Number(seconds), offset };
}
