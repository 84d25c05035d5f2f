import { describe, expect, it } from "vitest";
import type { ProjectFilesSession } from "../../../src/adapters/project-files.js";
import type { ProjectEntry } from "../../../src/domain/project-file.js";
import { GitHubSdkError } from "../../../src/errors.js";
import { type ListingOptions, listProject } from "../../../src/sync/project/list-project.js";
import { nextTurn, recordedProject, WHOLE_PROJECT } from "./recorded-session.js";

const options = (more: Partial<ListingOptions> = {}): ListingOptions => ({
  ...WHOLE_PROJECT,
  ...more,
});

const sorted = (paths: Iterable<string>): string[] => [...paths].sort();

describe("listProject", () => {
  it("lists every file, and the ignored entries separately", async () => {
    const { session } = await recordedProject({
      "main.tf": "x",
      "modules/net/main.tf": "x",
      "modules/net/debug.log": "x",
      ".gitignore": "*.log\n/dist/\n",
      "dist/bundle.js": "x",
      "modules/.gitignore": "!debug.log\n",
      ".terraform/providers": "x",
      ".env": "SECRET=1",
    });
    const listing = await listProject(session, options());
    expect(sorted(listing.files.keys())).toEqual([
      ".gitignore",
      "main.tf",
      "modules/.gitignore",
      "modules/net/debug.log",
      "modules/net/main.tf",
    ]);
    expect(listing.ignored).toEqual([".env", ".terraform/", "dist/"]);
    expect(listing.files.get("main.tf")).toMatchObject({ size: 1 });
    expect(await listing.rules.covers("dist/other.js", options().signal)).toBe(true);
  });

  it("does not enter a directory that is ignored, nor read its ignore files", async () => {
    const { session } = await recordedProject({
      ".gitignore": "node_modules/\n",
      "node_modules/.gitignore": "!*\n",
      "node_modules/a/b/c.js": "x",
      "src/index.js": "x",
    });
    await listProject(session, options());
    expect(sorted(session.lists)).toEqual(["", "src"]);
    expect(session.reads).toEqual([".gitignore"]);
  });

  it("lists up to eight directories concurrently", async () => {
    const files = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`d${index}/e/f.tf`, "x"]));
    const { session } = await recordedProject(files);
    const listing = await listProject(session, options());
    expect(listing.files.size).toBe(60);
    expect(session.lists.length).toBe(1 + 60 + 60);
    expect(session.mostLists).toBe(8);
  });

  it("applies ignore files in the order of their precedence", async () => {
    const { session } = await recordedProject({
      ".gitignore": "*.x\n",
      ".infrajetignore": "!keep.x\n",
      "keep.x": "",
      "drop.x": "",
    });
    const listing = await listProject(session, options());
    expect(sorted(listing.files.keys())).toEqual([".gitignore", ".infrajetignore", "keep.x"]);
    expect(session.reads).toEqual([".gitignore", ".infrajetignore"]);
  });

  it("does not read an ignore file with a known version tag again", async () => {
    const project = await recordedProject({
      ".gitignore": "*.log\n",
      "sub/.gitignore": "x\n",
      "a.log": "",
      "sub/x": "",
    });
    const first = await listProject(project.session, options());
    expect(sorted(project.session.reads)).toEqual([".gitignore", "sub/.gitignore"]);
    project.set("sub/.gitignore", "y\n");
    project.session.reads.length = 0;
    const second = await listProject(project.session, options({ knownIgnoreFiles: first.ignoreFiles }));
    expect(project.session.reads).toEqual(["sub/.gitignore"]);
    expect(sorted(second.files.keys())).toEqual([".gitignore", "sub/.gitignore", "sub/x"]);
    expect([...second.ignoreFiles.keys()]).toEqual([".gitignore", "sub/.gitignore"]);
  });

  it("reads an ignore file again without a version tag, or when it changed while it was read", async () => {
    const unvouched = await recordedProject(
      { ".gitignore": "a\n" },
      { listed: (file) => ({ ...file, versionTag: null }) },
    );
    const known = await listProject(unvouched.session, options());
    await listProject(unvouched.session, options({ knownIgnoreFiles: known.ignoreFiles }));
    expect(unvouched.session.reads).toEqual([".gitignore", ".gitignore"]);

    const moving = await recordedProject(
      { ".gitignore": "a\n" },
      { content: (content) => ({ ...content, versionTag: "newer" }) },
    );
    const { ignoreFiles } = await listProject(moving.session, options());
    expect(ignoreFiles.get(".gitignore")).toEqual({ versionTag: null, text: "a\n" });
  });

  it("treats a linked ignore file as a file without rules, as git does", async () => {
    const { session } = await recordedProject({ ".gitignore": { content: "../shared", mode: "120000" }, shared: "" });
    const listing = await listProject(session, options());
    expect(session.reads).toEqual([]);
    expect(sorted(listing.files.keys())).toEqual([".gitignore", "shared"]);
  });

  it("rejects an endless ignore file, whatever its listed size", async () => {
    const endless = async function* () {
      for (;;) yield new Uint8Array(65_536);
    };
    const lying = await recordedProject(
      { ".gitignore": "a" },
      { content: ({ versionTag }) => ({ versionTag, bytes: endless() }) },
    );
    await expect(listProject(lying.session, options())).rejects.toMatchObject({
      code: "file_too_large",
      details: { path: ".gitignore" },
    });
    expect(lying.session.open).toBe(0);
    const large = await recordedProject({ "a/.gitignore": "x".repeat(1024 * 1024 + 1) });
    await expect(listProject(large.session, options())).rejects.toMatchObject({ code: "file_too_large" });
    expect(large.session.reads).toEqual([]);
  });

  it("rejects ignore files of more than 1 MB in total, also unchanged ones", async () => {
    const files = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`d${index}/.gitignore`, `${"#".repeat(60_000)}\n`]),
    );
    const project = await recordedProject(files);
    const rejected = { code: "input_too_large", message: expect.stringContaining("1 MB in total") };
    await expect(listProject(project.session, options())).rejects.toMatchObject(rejected);
    const known = new Map(Object.entries(files).map(([path, text]) => [path, { versionTag: "v", text }]));
    const unchanged = await recordedProject(files, { listed: (file) => ({ ...file, versionTag: "v" }) });
    await expect(listProject(unchanged.session, options({ knownIgnoreFiles: known }))).rejects.toMatchObject(rejected);
    expect(unchanged.session.reads).toEqual([]);
  });

  it("lets the event loop run while many patterns are matched in nested directories", async () => {
    const files: Record<string, string> = {};
    let directory = "a";
    for (let depth = 1; depth <= 40; depth++, directory += "/a") {
      for (const name of [".gitignore", ".infrajetignore"]) files[`${directory}/${name}`] = "*b*c\n".repeat(150);
    }
    for (let index = 0; index < 60; index++) files[`${directory}/${index}${"b".repeat(200)}`] = "x";
    const { session } = await recordedProject(files);
    // CPU time instead of time: other processes may use the machine.
    let longest = 0;
    let last = process.cpuUsage().user;
    const measure = (): void => {
      const now = process.cpuUsage().user;
      longest = Math.max(longest, now - last);
      last = now;
    };
    const watch = setInterval(measure, 0);
    await listProject(session, options());
    measure();
    clearInterval(watch);
    expect(longest / 1_000).toBeLessThan(200);
  });
});

describe("listProject with only some paths", () => {
  const files = { "a.tf": "x", "b.tf": "x", "m/a.tf": "x", "m/n/b.tf": "x", "o/c.tf": "x", "m/.gitignore": "b.tf\n" };

  it("lists only the directories above these paths", async () => {
    const { session } = await recordedProject(files);
    const listing = await listProject(session, options({ only: new Set(["a.tf", "m/n/b.tf", "gone/d.tf", "m/a.tf"]) }));
    expect(sorted(session.lists)).toEqual(["", "m", "m/n"]);
    expect(sorted(listing.files.keys())).toEqual(["a.tf", "m/a.tf"]);
    expect(listing.ignored).toEqual(["m/n/b.tf"]);
  });

  it("accepts invalid names next to these paths", async () => {
    const source = entries({ "": [file("a.tf"), file("b\0"), directory(".GIT")] });
    const listing = await listProject(source, options({ only: new Set(["a.tf"]) }));
    expect([...listing.files.keys()]).toEqual(["a.tf"]);
  });
});

describe("listProject with invalid input", () => {
  it("names every path that git rejects in one error", async () => {
    const long = "x".repeat(256);
    const source = entries({
      "": [
        file("ok.tf"),
        file("a\0b"),
        file(long),
        directory("sub"),
        directory(".GIT"),
        { ...file(".gitmodules"), mode: "120000" },
      ],
      sub: [file("sub/git~1"), file("sub/\ud800"), file("/etc/passwd"), file("sub/../x")],
    });
    const error = await listProject(source, options()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "invalid_path", details: { count: 8 } });
    for (const named of ["a\0b", long, ".GIT", ".gitmodules", "sub/git~1", "sub/\ud800", "/etc/passwd", "sub/../x"]) {
      expect(String(error)).toContain(JSON.stringify(named));
    }
    expect(String(error)).toContain("Rename them or add them to .infrajetignore");
    expect(String(error)).not.toContain("ok.tf");
  });

  it("counts the paths that it does not name", async () => {
    const many = Array.from({ length: 25 }, (_, index) => file(`bad${index}\0`));
    await expect(listProject(entries({ "": many }), options())).rejects.toThrow(/bad19.*; and 5 more$/s);
  });

  it("accepts invalid names that are ignored, and `.git`", async () => {
    const source = entries(
      { "": [directory(".git"), directory("sub"), file("GIT~1"), file(".infrajetignore")], sub: [file("sub/.git")] },
      "GIT~1\n",
    );
    const listing = await listProject(source, options());
    expect([...listing.files.keys()]).toEqual([".infrajetignore"]);
    expect(listing.ignored).toEqual([".git/", "GIT~1", "sub/.git"]);
  });

  it("throws when one directory fails, so that its files do not count as deleted", async () => {
    const outage = new GitHubSdkError("source_unavailable", "The share does not answer.");
    const { session } = await recordedProject(
      { "a/x": "", "b/x": "", "c/d/x": "" },
      {
        onList: (directory) => {
          if (directory === "c/d") throw outage;
        },
      },
    );
    await expect(listProject(session, options())).rejects.toBe(outage);
  });

  it("throws when the listing of a directory is incomplete", async () => {
    const outage = new GitHubSdkError("source_unavailable", "The next page is missing.");
    const source: ProjectFilesSession = {
      ...entries({}),
      async *list() {
        yield file("a.tf");
        throw outage;
      },
    };
    await expect(listProject(source, options())).rejects.toBe(outage);
  });

  it("throws the reason of an abort, and lists nothing more", async () => {
    const controller = new AbortController();
    const reason = new Error("The user has left.");
    const files = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`d${index}/f`, "x"]));
    const { session } = await recordedProject(files, {
      onList: (directory) => void (directory === "d3" && controller.abort(reason)),
    });
    await expect(listProject(session, options({ signal: controller.signal }))).rejects.toBe(reason);
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    expect(session.lists.length).toBeLessThan(1 + 2 * 8);
  });
});

function file(path: string): ProjectEntry & { readonly type: "file" } {
  return { type: "file", path, size: 0, versionTag: "1" };
}

function directory(path: string): ProjectEntry {
  return { type: "directory", path };
}

/** A source with exactly these entries; every file has the same text. */
function entries(tree: Readonly<Record<string, readonly ProjectEntry[]>>, text = ""): ProjectFilesSession {
  return {
    async *list(path: string) {
      yield* tree[path] ?? [];
    },
    async read() {
      return {
        versionTag: "1",
        bytes: (async function* () {
          yield Buffer.from(text);
        })(),
      };
    },
    async close() {},
  };
}
