import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import type { ObjectFormat } from "../../src/domain/repository.js";
import { isGitHubSdkError } from "../../src/errors.js";
import { type Commit, cleanIdentity, parseCommit, signatureHeader, writeCommit } from "../../src/git/commit.js";
import { EMPTY_TREE, hashObject } from "../../src/git/object-id.js";
import { type ScratchRepository, scratchRepository } from "./scratch-repository.js";

const FORMATS: readonly ObjectFormat[] = ["sha1", "sha256"];

/** Returns the bytes of the commit that git makes of the same contents. */
function gitCommit(repository: ScratchRepository, commit: Commit, options: readonly string[] = []): Buffer {
  const oid = repository.git(
    [
      ...options,
      "commit-tree",
      commit.tree,
      ...commit.parents.flatMap((parent) => ["-p", parent]),
      ...(options.length > 0 ? ["-S"] : []),
    ],
    {
      input: commit.message,
      env: {
        GIT_AUTHOR_NAME: commit.author.name,
        GIT_AUTHOR_EMAIL: commit.author.email,
        GIT_AUTHOR_DATE: `@${commit.author.timestamp} ${commit.author.timezone}`,
        GIT_COMMITTER_NAME: commit.committer.name,
        GIT_COMMITTER_EMAIL: commit.committer.email,
        GIT_COMMITTER_DATE: `@${commit.committer.timestamp} ${commit.committer.timezone}`,
      },
    },
  );
  return repository.git(["cat-file", "commit", oid.toString().trim()]);
}

const words = fc.string({ unit: fc.constantFrom(..."aZé😀 \t\n\r<>\"\\',:;()@-"), maxLength: 12 });
const timezone = fc.constantFrom("+0000", "+0200", "-0730", "+1400");
const identity = fc.record({
  name: words.filter((text) => cleanIdentity(text) !== ""),
  email: words,
  timestamp: fc.integer({ min: 100_000_000, max: 4_000_000_000 }),
  timezone,
});

describe.each(FORMATS)("writeCommit and parseCommit in %s", (format) => {
  const repository = scratchRepository(format);
  const tree = repository.git(["write-tree"]).toString().trim();
  const root: Commit = {
    tree,
    parents: [],
    author: { name: "Ada", email: "ada@example.com", timestamp: 1_700_000_000, timezone: "+0100" },
    committer: { name: "Ada", email: "ada@example.com", timestamp: 1_700_000_000, timezone: "+0100" },
    headers: [],
    message: "Begin\n",
  };
  const parents = ["one", "two"].map((message) =>
    hashObject("commit", gitCommit(repository, { ...root, message }), format),
  );
  afterAll(() => repository.remove());

  const anyCommit: fc.Arbitrary<Commit> = fc.record({
    tree: fc.constant(tree),
    parents: fc.subarray(parents),
    author: identity,
    committer: identity,
    headers: fc.constant([]),
    message: fc.string({ unit: "grapheme", maxLength: 40 }).filter((text) => !text.includes("\0")),
  });

  test("writes the same bytes as git", () => {
    fc.assert(
      fc.property(anyCommit, (commit) => {
        const { oid, bytes } = writeCommit(commit);
        const expected = gitCommit(repository, commit);
        expect(Buffer.from(bytes).toString()).toBe(expected.toString());
        expect(oid).toBe(hashObject("commit", expected, format));
        expect(repository.git(["cat-file", "-t", oid]).toString()).toBe("commit\n");
      }),
      { numRuns: 40 },
    );
  });

  test("writes a signature as git does", () => {
    const signature = "-----BEGIN PGP SIGNATURE-----\n\niQEzBAABCAAdFiEE\n=Ab1c\n-----END PGP SIGNATURE-----";
    const signer = join(repository.directory, "signer");
    writeFileSync(signer, `#!/bin/sh\ncat >/dev/null\necho '[GNUPG:] SIG_CREATED ' >&2\necho '${signature}'\n`);
    chmodSync(signer, 0o755);
    const signed: Commit = { ...root, parents, headers: [{ name: signatureHeader(format), value: signature }] };
    const expected = gitCommit(repository, signed, ["-c", `gpg.program=${signer}`]);
    const { oid, bytes } = writeCommit(signed);
    expect(Buffer.from(bytes).toString()).toBe(expected.toString());
    expect(oid).toBe(hashObject("commit", expected, format));
    expect(parseCommit(bytes)).toEqual(signed);
  });

  test("parses the commits that it writes", () => {
    const header = fc.record({
      name: fc.constantFrom("encoding", "gpgsig", "mergetag", "HG:extra"),
      value: fc.string({ unit: fc.constantFrom(..."aé \n"), maxLength: 8 }),
    });
    fc.assert(
      fc.property(anyCommit, fc.array(header, { maxLength: 3 }), (commit, headers) => {
        const clean = (who: Commit["author"]) => ({
          ...who,
          name: cleanIdentity(who.name),
          email: cleanIdentity(who.email),
        });
        const { bytes } = writeCommit({ ...commit, headers });
        const parsed = parseCommit(bytes);
        expect(parsed).toEqual({
          ...commit,
          author: clean(commit.author),
          committer: clean(commit.committer),
          headers,
        });
        if (parsed !== null) expect(writeCommit(parsed).bytes).toEqual(bytes);
      }),
    );
    const unknownZone = { ...root, author: { ...root.author, timezone: "-0000" } };
    expect(parseCommit(writeCommit(unknownZone).bytes)).toEqual(unknownZone);
  });

  test("parseCommit returns null for invalid bytes", () => {
    const text = Buffer.from(writeCommit({ ...root, parents }).bytes).toString();
    const broken = [
      "",
      "tree",
      text.slice(0, text.indexOf("\n\n")),
      text.replace("tree ", "blob "),
      text.replace(tree, "main"),
      text.replace(parents[0] ?? "", "main"),
      text.replace(/^author.*\n/m, ""),
      text.replace(/^committer.*\n/m, ""),
      text.replace("<ada@example.com>", "ada@example.com"),
    ];
    for (const each of broken) expect([each, parseCommit(Buffer.from(each))]).toEqual([each, null]);
  });

  test.each<readonly [string, Partial<Commit>]>([
    ["no name", { author: { ...root.author, name: " <>\n" } }],
    ["a date before 1970", { author: { ...root.author, timestamp: -1 } }],
    ["half a second", { author: { ...root.author, timestamp: 0.5 } }],
    ["a time zone in words", { committer: { ...root.committer, timezone: "CET" } }],
    ["a NUL in its message", { message: "a\0b" }],
    ["a NUL in a header", { headers: [{ name: "encoding", value: "\0" }] }],
    ["a header with a space in its name", { headers: [{ name: "a b", value: "" }] }],
  ])("throws for %s", (_, change) => {
    expect(() => writeCommit({ ...root, ...change })).toThrow(
      expect.toSatisfy((error) => isGitHubSdkError(error, "validation_failed")),
    );
  });

  test("throws for a parent of the other format", () => {
    const other = EMPTY_TREE[format === "sha1" ? "sha256" : "sha1"];
    expect(() => writeCommit({ ...root, parents: [other] })).toThrow(
      expect.toSatisfy((error) => isGitHubSdkError(error, "internal_error")),
    );
  });
});

test.each([
  ["Ada Lovelace", "Ada Lovelace"],
  ["  Ada  ", "Ada"],
  ["Sammy Davis Jr.", "Sammy Davis Jr."],
  ['"Ada"', "Ada"],
  ["O'Neill", "O'Neill"],
  ["Ada\nbcc: x <eve@example.com>", "Adabcc: x eve@example.com"],
  ["<ada@example.com>", "ada@example.com"],
  ["Ada\0", "Ada"],
  ["<>", ""],
])("cleanIdentity cleans %j to %j as git does", (text, cleaned) => {
  expect(cleanIdentity(text)).toBe(cleaned);
});
