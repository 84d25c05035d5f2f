import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createGitDataWriter } from "../../src/repository/git-data-writer.js";
import { findLandedCommit } from "../../src/repository/landed-commit.js";
import { BoxedGitHub, type Content, failureOf, never } from "./boxed-github.js";

const BLOBS = "POST /repos/{owner}/{repo}/git/blobs";
const TREES = "POST /repos/{owner}/{repo}/git/trees";
const COMMITS = "POST /repos/{owner}/{repo}/git/commits";
const CONTENTS = "PUT /repos/{owner}/{repo}/contents/{path}";

let github: BoxedGitHub;
afterEach(() => github.close());

const files = (count: number, content: (index: number) => Content): Record<string, Content> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`many/${index}.txt`, content(index)]));
const writeCalls = () => github.calls().filter((call) => !["repository", "GET"].some((read) => call.startsWith(read)));

describe("git-data writer in a repository with commits", () => {
  beforeEach(async () => {
    github = await BoxedGitHub.start();
  });

  it("sets and removes executable modes, and writes symbolic links", async () => {
    const writes = {
      "README.md": { content: "#!/bin/sh\n", mode: "100755" },
      "run.sh": { content: "plain now\n", mode: "100644" },
      "new-link": { content: "docs/guide.md", mode: "120000" },
      link: { content: "no link any more\n", mode: "100644" },
      "tool.bin": { content: new Uint8Array([0, 200]), mode: "100755" },
    } as const;
    await github.write(createGitDataWriter(), await github.changeSet({ writes }));
    expect(await github.files()).toEqual({
      "README.md": "100755 #!/bin/sh\n",
      "docs/guide.md": "100644 guide\n",
      "run.sh": "100644 plain now\n",
      "new-link": "120000 docs/guide.md",
      link: "100644 no link any more\n",
      "tool.bin": "100755 \u0000\u00c8",
    });
    await github.repository.fsck();
  });

  it("replaces a file with a directory and a directory with a file", async () => {
    const change = {
      writes: { "README.md/inside.txt": "in\n", docs: "a file\n", "b.txt": "b" },
      deletes: ["README.md", "docs/guide.md"],
    };
    await github.write(createGitDataWriter(), await github.changeSet(change));
    expect(Object.keys(await github.files())).toEqual(["README.md/inside.txt", "b.txt", "docs", "link", "run.sh"]);
    await github.repository.fsck();
  });

  it("needs three requests for text, and one more for each distinct binary", async () => {
    const same = new Uint8Array([9, 0, 9]);
    const writes = { "a.txt": "a", "b.bin": same, "c.bin": same, "d.bin": new Uint8Array([8, 0]) };
    await github.write(createGitDataWriter(), await github.changeSet({ writes }));
    expect(writeCalls()).toEqual([BLOBS, BLOBS, TREES, COMMITS, "updateRefs"]);
  });

  it("creates a missing branch from the default branch", async () => {
    const parent = await github.repository.head();
    const { commit } = await github.write(
      createGitDataWriter(),
      await github.changeSet({ branch: "feature/new", writes: { "a.txt": "a" } }),
    );
    expect((await github.repository.log("feature/new"))[0]).toMatchObject({ oid: commit.commitId, parents: [parent] });
    expect(await github.repository.head()).toBe(parent);
  });

  it("throws branch_moved when another push created the branch in the meantime", async () => {
    const changeSet = await github.changeSet({ branch: "feature/new", writes: { "a.txt": "a" } });
    const theirs = await github.repository.commit({ branch: "feature/new", files: { "b.txt": "b" } });
    expect((await failureOf(github.write(createGitDataWriter(), changeSet))).code).toBe("branch_moved");
    expect(await github.repository.head("feature/new")).toBe(theirs);
  });

  it("splits many files into several tree requests, and still makes one commit", async () => {
    const writes = files(250, (index) => `content ${index}\n`);
    const { commit, progress } = await github.write(createGitDataWriter(), await github.changeSet({ writes }));
    expect(writeCalls()).toEqual([TREES, TREES, TREES, COMMITS, "updateRefs"]);
    expect(Object.keys(await github.files())).toHaveLength(254);
    expect(await github.repository.log()).toHaveLength(2);
    expect(progress.at(-1)).toBe(250);
    expect(commit.notes).toEqual([]);
  });

  it("limits each tree request to about a megabyte, and uploads longer text as a blob", async () => {
    const writes = { ...files(5, (index) => `${index}`.repeat(300_000)), "long.txt": "x".repeat(1_500_000) };
    await github.write(createGitDataWriter(), await github.changeSet({ writes }));
    expect(writeCalls().sort()).toEqual([BLOBS, COMMITS, TREES, TREES, "updateRefs"]);
    expect(github.box.requests.filter(({ route }) => route === TREES).every(({ bytesIn }) => bytesIn < 1_001_000)).toBe(
      true,
    );
    expect((await github.repository.files()).get("long.txt")?.content.length).toBe(1_500_000);
  });

  it("deletes hundreds of files with one tree request", async () => {
    await github.repository.commit({
      files: Object.fromEntries(Object.keys(files(300, () => "")).map((path) => [path, "x"])),
    });
    const deletes = Object.keys(files(300, () => ""));
    await github.write(createGitDataWriter(), await github.changeSet({ deletes }));
    expect(writeCalls()).toEqual([TREES, COMMITS, "updateRefs"]);
    expect(Object.keys(await github.files())).toHaveLength(4);
  });

  const timedOut = {
    status: 422,
    body: { message: "Sorry, your request timed out. It's likely that your input was too large to process." },
  };
  it.each([
    ["what GitHub says", timedOut],
    ["502", { status: 502 }],
    ["504", { status: 504 }],
  ] as const)("halves a tree request that is too large, reported by %s", async (_, respond) => {
    github.box.control.fault({
      method: "POST",
      path: "/repos/{owner}/{repo}/git/trees",
      times: 3,
      when: "before",
      respond,
    });
    const writes = files(8, (index) => `content ${index}\n`);
    await github.write(createGitDataWriter(), await github.changeSet({ writes }));
    // Eight, four and two entries fail; then one and one, two and four succeed.
    expect(github.box.count(TREES)).toBe(3 + 4);
    expect(Object.keys(await github.files())).toHaveLength(12);
    expect(await github.repository.log()).toHaveLength(2);
  });

  it("throws input_too_large for a single file, naming a large one", async () => {
    github.box.control.fault({
      method: "POST",
      path: "/repos/{owner}/{repo}/git/trees",
      times: 9,
      when: "before",
      respond: timedOut,
    });
    const changeSet = await github.changeSet({ writes: { "a.txt": "a", "b.txt": "b" } });
    expect((await failureOf(github.write(createGitDataWriter(), changeSet))).code).toBe("input_too_large");
    github.box.control.limits.restBodyBytes = 1_000_000;
    const large = await github.changeSet({ writes: { "big.bin": new Uint8Array(2_000_000) } });
    expect(await failureOf(github.write(createGitDataWriter(), large))).toMatchObject({
      code: "input_too_large",
      message: expect.stringContaining("big.bin"),
      details: { paths: ["big.bin"] },
    });
    expect(await github.repository.log()).toHaveLength(1);
  });

  it("retries invisible requests after a server error, and moves the branch once", async () => {
    for (const path of ["git/blobs", "git/commits"])
      github.box.control.fault({ path: `/repos/{owner}/{repo}/${path}`, when: "after", respond: "reset" });
    const writes = { "a.bin": new Uint8Array([0, 1]) };
    await github.write(createGitDataWriter(), await github.changeSet({ writes }));
    expect(writeCalls()).toEqual([BLOBS, BLOBS, TREES, COMMITS, COMMITS, "updateRefs"]);
    expect(await github.repository.log()).toHaveLength(2);
  });

  it("names the file that contains a secret", async () => {
    const body = { message: "Secret detected in content", metadata: { secret_scanning: { bypass_placeholders: [] } } };
    github.box.control.fault({
      path: "/repos/{owner}/{repo}/git/blobs",
      when: "before",
      respond: { status: 409, body },
    });
    const changeSet = await github.changeSet({ writes: { "key.bin": new Uint8Array([0, 1]) } });
    expect(await failureOf(github.write(createGitDataWriter(), changeSet))).toMatchObject({
      code: "secret_detected",
      message: expect.stringContaining("key.bin"),
    });
  });

  it("does not move the branch when GitHub builds another tree than expected", async () => {
    const change = { writes: { "a.txt": "a" } };
    const wrong = await github.changeSet({ ...change, expectedTree: "1".repeat(40) });
    const error = await failureOf(github.write(createGitDataWriter(), wrong));
    expect(error).toMatchObject({ code: "tree_mismatch", details: { expected: "1".repeat(40) } });
    expect(await github.repository.head()).toBe(wrong.expectedHead);
    expect(github.box.count(COMMITS)).toBe(0);
    const right = await github.changeSet({ ...change, expectedTree: String(error.details.actual) });
    await github.write(createGitDataWriter(), right);
    expect(await github.repository.log()).toHaveLength(2);
  });

  it("makes commits that GitHub signs for an installation, and throws signature_required otherwise", async () => {
    github.repository.setRules("main", [{ type: "required_signatures" }]);
    const changeSet = await github.changeSet({ writes: { "a.txt": "a" } });
    expect((await failureOf(github.write(createGitDataWriter(), changeSet))).code).toBe("signature_required");
    const { commit } = await github.write(createGitDataWriter(), changeSet, github.clientFor({ kind: "installation" }));
    expect(github.repository.verified.has(commit.commitId)).toBe(true);
  });

  it("names files that are too large", async () => {
    const changeSet = await github.changeSet({ writes: { "a.txt": "a" } });
    const writer = createGitDataWriter();
    expect(writer.refusal(changeSet)).toBeNull();
    const writes = changeSet.writes.map((write) => ({ ...write, size: 40 * 1024 * 1024 }));
    expect(writer.refusal({ ...changeSet, writes })).toContain("a.txt has 40.0 MB");
  });

  describe("git-data writer on a server without updateRefs", () => {
    beforeEach(() => github.box.control.disableMutation("updateRefs"));

    it("moves the branch by REST, and does not try the mutation again", async () => {
      const writer = createGitDataWriter();
      await github.write(writer, await github.changeSet({ writes: { "a.txt": "a" } }));
      await github.write(writer, await github.changeSet({ writes: { "a.txt": "b" } }));
      await github.write(writer, await github.changeSet({ branch: "new", writes: { "a.txt": "c" } }));
      expect(writeCalls().filter((call) => !call.includes("trees") && !call.includes("commits"))).toEqual([
        "updateRefs",
        "PATCH /repos/{owner}/{repo}/git/refs/{ref}",
        "PATCH /repos/{owner}/{repo}/git/refs/{ref}",
        "POST /repos/{owner}/{repo}/git/refs",
      ]);
      expect(await github.repository.log()).toHaveLength(3);
      expect(await github.repository.log("new")).toHaveLength(4);
    });

    it("does not overwrite the commit of another push", async () => {
      const changeSet = await github.changeSet({ writes: { "a.txt": "a" } });
      const fresh = await github.changeSet({ branch: "new", writes: { "a.txt": "a" } });
      const theirs = await github.repository.commit({ files: { "b.txt": "b" } });
      const theirBranch = await github.repository.commit({ branch: "new", files: { "b.txt": "b2" } });
      const writer = createGitDataWriter();
      expect((await failureOf(github.write(writer, changeSet))).code).toBe("branch_moved");
      expect((await failureOf(github.write(writer, fresh))).code).toBe("branch_moved");
      expect(await github.repository.head()).toBe(theirs);
      expect(await github.repository.head("new")).toBe(theirBranch);
    });
  });
});

describe("git-data writer in an empty repository", () => {
  beforeEach(async () => {
    github = await BoxedGitHub.start({ empty: true });
  });

  const trailer = "Infrajet-Sync: 7/1";
  const landed = (commitId: string | null) =>
    findLandedCommit(github.client, "octo/project", { branch: "main", expectedHead: null, commitId, trailer }, never);

  it("makes an initial commit with one file and a second with the others, and notes it", async () => {
    const writes = {
      ".github/workflows/a.yml": "on: push\n",
      "a.sh": { content: "#!\n", mode: "100755" },
      "b.txt": "the smallest plain one\n",
      "c.txt": `${"long ".repeat(10)}\n`,
      "d.bin": new Uint8Array(50),
    } as const;
    const { commit, announced, progress } = await github.write(
      createGitDataWriter(),
      await github.changeSet({ writes }),
    );
    const [top, first, ...older] = await github.repository.log();
    expect(older).toEqual([]);
    expect(top?.oid).toBe(commit.commitId);
    expect(commit.notes).toEqual([expect.stringContaining(first?.oid ?? "no first commit")]);
    expect(announced).toEqual([null, commit.commitId]);
    expect(progress.at(-1)).toBe(5);
    expect(Object.keys(await github.files())).toEqual(Object.keys(writes));
    expect((await github.files())["a.sh"]).toBe("100755 #!\n");
    const begun = await github.client.request(
      "GET /repos/octo/project/git/trees/{t}",
      { t: first?.tree },
      { signal: never },
    );
    expect(begun.data).toMatchObject({ tree: [{ path: "b.txt" }] });
    await github.repository.fsck();
  });

  it("makes one commit with one request for one plain file", async () => {
    const { commit, announced } = await github.write(
      createGitDataWriter(),
      await github.changeSet({ writes: { "docs/a b.md": "only\n" }, message: "Sync\n\nBody" }),
    );
    expect(writeCalls()).toEqual([CONTENTS]);
    expect(announced).toEqual([null]);
    expect(commit.notes).toEqual([]);
    expect(await github.repository.log()).toMatchObject([
      { oid: commit.commitId, message: `Sync\n\nBody\n\n${trailer}` },
    ]);
    expect(await github.files()).toEqual({ "docs/a b.md": "100644 only\n" });
    expect(await landed(null)).toMatchObject({ commitId: commit.commitId });
  });

  it("sets the mode of a single file with a second commit", async () => {
    const writes = { "run.sh": { content: "#!\n", mode: "100755" } } as const;
    const { commit } = await github.write(createGitDataWriter(), await github.changeSet({ writes }));
    expect(await github.files()).toEqual({ "run.sh": "100755 #!\n" });
    expect((await github.repository.log()).map(({ oid }) => oid)[0]).toBe(commit.commitId);
  });

  it("creates a branch with another name than the default one", async () => {
    await github.write(createGitDataWriter(), await github.changeSet({ branch: "trunk", writes: { a: "a", b: "b" } }));
    expect(Object.keys(await github.files("trunk"))).toEqual(["a", "b"]);
  });

  it("does not count as completed when only the initial commit was made", async () => {
    const changeSet = await github.changeSet({ writes: { "a.txt": "a", "b.txt": "b" } });
    github.box.control.fault({ operation: "updateRefs", when: "before", respond: "reset" });
    expect((await failureOf(github.write(createGitDataWriter(), changeSet))).code).toBe("github_unavailable");
    expect(await github.repository.log()).toHaveLength(1);
    expect(await landed(null)).toBeNull();
  });

  it.each([[{ "b.txt": "b", "c.txt": "c" }], [{ "b.txt": "b" }], [{ "a.txt": "mine", "b.txt": "b" }]])(
    "throws branch_moved when another push made the first commit in the meantime: %j",
    async (writes: Record<string, string>) => {
      const changeSet = await github.changeSet({ writes });
      await github.repository.commit({ files: { "a.txt": "theirs" } });
      expect((await failureOf(github.write(createGitDataWriter(), changeSet))).code).toBe("branch_moved");
      expect((await github.files())["a.txt"]).toBe("100644 theirs");
    },
  );
});
