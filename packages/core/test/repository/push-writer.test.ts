import { execFileSync } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ErrorCode } from "../../src/errors.js";
import { tokenCredential } from "../../src/github/credential.js";
import type { GitHubClient } from "../../src/github/github-client.js";
import { createGitHubClients } from "../../src/github/github-clients.js";
import { readObjectFormat } from "../../src/repository/object-format.js";
import { createPushWriter } from "../../src/repository/push-writer.js";
import { BoxedGitHub, failureOf, never } from "./boxed-github.js";

const PUSH = "POST /{owner}/{repo}.git/git-receive-pack";
const writer = createPushWriter({ author: null, sign: null });

let github: BoxedGitHub;
beforeEach(async () => {
  github = await BoxedGitHub.start();
});
afterEach(() => github.close());

/** Returns a client of the box with another git server. */
function clientWithGitAt(serverUrl: string, requestTimeoutMs = 60_000): GitHubClient {
  const token = github.box.addToken({ login: "octo" });
  const options = { apiUrl: github.url, serverUrl, userAgent: "test", retryBaseMs: 1, requestTimeoutMs };
  return createGitHubClients(options).for(tokenCredential(token));
}

describe("push writer", () => {
  it("sends one request, whatever it contains", async () => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => (index * index) % 251);
    const many = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [`many/${index % 7}/${index}`, `${index}`]),
    );
    const changeSet = await github.changeSet({
      writes: {
        ...many,
        "logo.bin": bytes,
        "copy.bin": bytes,
        "README.md": { content: "hello\n", mode: "100755" },
        "run.sh": { content: "#!/bin/sh\n", mode: "100644" },
        "new/link": { content: "../README.md", mode: "120000" },
      },
      deletes: ["docs/guide.md", "link"],
    });
    github.box.resetCounters();
    const { commit, progress } = await github.write(writer, changeSet);
    expect(github.calls()).toEqual([PUSH]);
    expect(progress.at(-1)).toBe(changeSet.missing?.blobs.length);
    expect(changeSet.missing?.blobs).toHaveLength(302);
    const files = await github.files();
    expect(files).toMatchObject({
      "README.md": "100755 hello\n",
      "run.sh": "100644 #!/bin/sh\n",
      "new/link": "120000 ../README.md",
      "many/0/294": "100644 294",
    });
    expect(files).not.toHaveProperty("link");
    expect(files["copy.bin"]).toBe(files["logo.bin"]);
    expect(await github.repository.head()).toBe(commit.commitId);
    expect(await github.repository.treeOf(commit.commitId)).toBe(commit.rootTree);
    await github.repository.fsck();
  });

  it("creates the first commit of an empty repository, and a missing branch", async () => {
    await github.close();
    github = await BoxedGitHub.start({ empty: true });
    const first = await github.write(writer, await github.changeSet({ writes: { "a/b.txt": "b", "c.txt": "c" } }));
    expect(await github.repository.log()).toMatchObject([{ oid: first.commit.commitId, parents: [] }]);
    const second = await github.changeSet({ branch: "new/branch", writes: { "d.txt": "d" } });
    await github.write(writer, second);
    expect(Object.keys(await github.files("new/branch"))).toEqual(["a/b.txt", "c.txt", "d.txt"]);
    expect(Object.keys(await github.files("main"))).toEqual(["a/b.txt", "c.txt"]);
    expect((await failureOf(github.write(writer, second))).code).toBe("branch_moved");
  });

  it("replaces files with directories and back", async () => {
    const there = await github.changeSet({
      writes: { "README.md/a": "a", docs: "file", link: { content: "run.sh", mode: "100644" } },
      deletes: ["README.md", "docs/guide.md"],
    });
    await github.write(writer, there);
    expect(await github.files()).toMatchObject({ "README.md/a": "100644 a", docs: "100644 file" });
    await github.write(
      writer,
      await github.changeSet({ writes: { "README.md": "b", "docs/x": "x" }, deletes: ["README.md/a", "docs"] }),
    );
    expect(await github.files()).toMatchObject({ "README.md": "100644 b", "docs/x": "100644 x" });
    await github.repository.fsck();
  });

  it("sets the credential's account, the host's author or the requested author, and the time of the sync", async () => {
    const one = await github.write(writer, await github.changeSet({ writes: { "a.txt": "a" } }));
    const own = { name: "octo", email: expect.stringMatching(/^\d+\+octo@users\.noreply\.127\.0\.0\.1$/) };
    const git = (id: string) => github.repository.log().then((log) => log.find(({ oid }) => oid === id));
    expect(await git(one.commit.commitId)).toMatchObject({ author: own, committer: own });
    const named = createPushWriter({ author: { name: "Ada L.", email: "ada@example.com" }, sign: null });
    const changeSet = await github.changeSet({ writes: { "a.txt": "b" } });
    const two = await github.write(named, changeSet);
    expect(await git(two.commit.commitId)).toMatchObject({ author: { name: "Ada L.", email: "ada@example.com" } });
    const requestedAuthor = { name: "Grace", email: "grace@example.com" };
    const authored = { ...(await github.changeSet({ writes: { "a.txt": "c" } })), requestedAuthor };
    const three = await github.write(writer, authored);
    expect(await git(three.commit.commitId)).toMatchObject({ author: requestedAuthor, committer: own });
  });

  it("builds the same commit with the same id each time", async () => {
    const changeSet = await github.changeSet({ writes: { "a.txt": "a" } });
    github.box.control.fault({ path: PUSH, when: "before", respond: "reset" });
    const ids: (string | null)[] = [];
    const context = {
      client: github.client,
      signal: never,
      beforeMove: async (id: string | null) => void ids.push(id),
      onProgress: () => {},
    };
    await failureOf(writer.write(changeSet, context));
    const { commitId } = await writer.write(changeSet, context);
    expect(new Set([...ids, commitId]).size).toBe(1);
  });

  it("follows a renamed repository, but no redirect to another host", async () => {
    const changeSet = await github.changeSet({ writes: { "a.txt": "a" } });
    github.box.renameRepository(github.repository, "renamed");
    const { commit } = await github.write(writer, changeSet);
    expect(await github.repository.head()).toBe(commit.commitId);
    const elsewhere = { status: 302, headers: { location: "http://localhost:1/octo/project.git/info/refs" } };
    github.box.control.fault({ path: /info\/refs$/, when: "before", respond: elsewhere });
    const next = { ...changeSet, expectedHead: commit.commitId };
    expect((await failureOf(github.write(writer, next))).code).toBe("github_redirect_refused");
    github.box.control.fault({ path: PUSH, when: "before", respond: elsewhere });
    const there = await github.changeSet({ writes: { "a.txt": "b" } });
    expect((await failureOf(github.write(writer, there))).code).toBe("github_redirect_refused");
    expect(await github.repository.head()).toBe(commit.commitId);
  });
});

describe("errors of a rejected push", () => {
  /** GitHub's messages on the side-band, and the short reason for the ref. */
  const refusals: readonly (readonly [ErrorCode, string, string])[] = [
    [
      "secret_detected",
      "error: GH013: Repository rule violations found for refs/heads/main.\n\n- GITHUB PUSH PROTECTION\n  - Push cannot contain secrets\n",
      "push declined due to repository rule violations",
    ],
    [
      "signature_required",
      "error: GH013: Repository rule violations found for refs/heads/main.\n\n- Commits must have verified signatures.\n",
      "push declined due to repository rule violations",
    ],
    [
      "branch_protected",
      "error: GH006: Protected branch update failed for refs/heads/main.\n",
      "protected branch hook declined",
    ],
    ["branch_protected", "This server does not accept commits on Fridays.\n", "pre-receive hook declined"],
    [
      "file_too_large",
      "error: GH001: Large files detected. You may want to try Git Large File Storage.\nerror: File a.bin is 120.00 MB; this exceeds GitHub's file size limit of 100.00 MB\n",
      "pre-receive hook declined",
    ],
    [
      "workflow_permission_missing",
      "",
      "refusing to allow an OAuth App to create or update workflow `.github/workflows/a.yml` without `workflow` scope",
    ],
    ["tree_mismatch", "", "missing necessary objects"],
    ["input_too_large", "fatal: pack exceeds maximum allowed size (2.00 GiB)\n", "pre-receive hook declined"],
    ["github_rejected", "", "something new"],
  ];

  it.each(refusals)("maps GitHub's messages to %s", async (code, messages, reason) => {
    const changeSet = await github.changeSet({ writes: { "a.txt": "a" } });
    github.box.control.fault({ path: PUSH, when: "before", respond: { status: 200, ...report(messages, reason) } });
    const error = await failureOf(github.write(writer, changeSet));
    expect(error.code).toBe(code);
    expect(String(error.cause)).toContain(reason);
    expect(error.message).not.toContain(reason);
  });

  it("throws branch_moved for git's reason, whatever other messages GitHub sends", async () => {
    const changeSet = await github.changeSet({ writes: { "a.txt": "a" } });
    const messages =
      "warning: GH001: Large files detected. You may want to try Git Large File Storage.\n" +
      "Bypassed rule violations for refs/heads/main:\n\n- Changes must be made through a pull request.\n";
    const respond = { status: 200, ...report(messages, "failed to update ref") };
    github.box.control.fault({ path: PUSH, when: "before", respond });
    // GitHub's reads may lag behind, so no request is sent.
    github.box.control.staleReads(5);
    await github.repository.commit({ files: { "b.txt": "b" } });
    expect((await failureOf(github.write(writer, changeSet))).code).toBe("branch_moved");
    github.box.control.staleReads(0);
    const warned = { status: 200, ...report(messages.slice(0, 80), "pre-receive hook declined") };
    github.box.control.fault({ path: PUSH, when: "before", respond: warned });
    expect((await failureOf(github.write(writer, changeSet))).code).toBe("branch_protected");
  });

  it("changes nothing when git itself rejects the commit", async () => {
    const changeSet = await github.changeSet({ writes: { "a.txt": "a" } });
    const absent = { ...changeSet, missing: { ...present(changeSet.missing), trees: [] } };
    const error = await failureOf(github.write(writer, absent));
    expect(error.code, String(error.cause)).toBe("tree_mismatch");
    expect(await github.repository.head()).toBe(changeSet.expectedHead);
  });

  it.each([[403], [404], [405], [502]])("maps HTTP %i of an address without a git server", async (status) => {
    const changeSet = await github.changeSet({ writes: { "a.txt": "a" } });
    github.box.control.fault({ path: PUSH, when: "before", respond: { status, body: "no" } });
    const { code } = await failureOf(github.write(writer, changeSet));
    expect(writer.fallsBackOn.has(code) || code === "github_unavailable").toBe(true);
  });

  it("throws writer_refused for a web page in place of a git server", async () => {
    const changeSet = await github.changeSet({ writes: { "a.txt": "a" } });
    github.box.control.fault({
      path: PUSH,
      when: "before",
      respond: { status: 200, body: "<html>Please log in</html>" },
    });
    expect((await failureOf(github.write(writer, changeSet))).code).toBe("writer_refused");
  });
});

describe("connection of a push", () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.close();
  });

  /** Starts a server that acts on a connection after that many bytes. */
  async function serverThat(after: number, act: (socket: Socket) => void): Promise<string> {
    server = createServer((socket) => {
      let received = 0;
      socket.on("error", () => {});
      socket.on("data", (bytes) => {
        received += bytes.length;
        if (received >= after) act(socket);
      });
    });
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  }

  it.each([
    ["before the pack", 1],
    ["in the pack", 100_000],
  ])("throws and leaves the branch unchanged when the connection closes %s", async (_name, after) => {
    const changeSet = await github.changeSet({ writes: { "big.bin": randomBytes(400_000) } });
    let broken = (): void => {};
    const isBroken = new Promise<void>((resolve) => {
      broken = resolve;
    });
    const serverUrl = await serverThat(after, (socket) => socket.resetAndDestroy().once("close", broken));
    // The upload must be larger than the network buffers, so that a part waits until the connection is closed.
    const deflated = async (oid: string) => {
      const content = await changeSet.deflated(oid);
      const pieces = async function* () {
        for (const [index, piece] of [...(content.pieces() as Iterable<Uint8Array>)].entries()) {
          if (index === 3) await isBroken;
          yield piece;
        }
      };
      return { ...content, pieces };
    };
    let announced = 0;
    const context = {
      client: clientWithGitAt(serverUrl),
      signal: never,
      beforeMove: async () => void announced++,
      onProgress: () => {},
    };
    expect((await failureOf(writer.write({ ...changeSet, deflated }, context))).code).toBe("github_unavailable");
    expect(announced).toBe(0);
  });

  it("throws github_unavailable when the connection closes during the response", async () => {
    const changeSet = await github.changeSet({ writes: { "a.txt": "a" } });
    const head = "HTTP/1.1 200 OK\r\ncontent-type: application/x-git-receive-pack-result\r\n";
    const whole = Buffer.concat([
      Buffer.from(`${head}content-length: 100\r\n\r\n`),
      Buffer.from("0030\u0001000eunpack ok\n"),
    ]);
    const cut = clientWithGitAt(await serverThat(700, (socket) => socket.end(whole)));
    expect((await failureOf(github.write(writer, changeSet, cut))).code).toBe("github_unavailable");
    server?.close();
    const short = `${head}connection: close\r\n\r\n0030\u0001000eunpack ok\n`;
    const ended = clientWithGitAt(await serverThat(700, (socket) => socket.end(short)));
    expect((await failureOf(github.write(writer, changeSet, ended))).code).toBe("github_unavailable");
  });

  it("throws github_timeout when the upload stalls", async () => {
    const changeSet = await github.changeSet({ writes: { "a.txt": "a" } });
    const client = clientWithGitAt(await serverThat(1, () => {}), 50);
    expect((await failureOf(github.write(writer, changeSet, client))).code).toBe("github_timeout");
  });

  it.each<[ErrorCode, string]>([
    ["input_too_large", "413 Content Too Large\r\ncontent-length: 0"],
    ["writer_refused", "403 Forbidden\r\ncontent-type: text/html\r\ncontent-length: 0"],
    ["reauth_required", "401 Unauthorized\r\ncontent-length: 0"],
  ])("stops the upload when a response comes during it: %s", async (code, head) => {
    const changeSet = await github.changeSet({ writes: { "big.bin": randomBytes(8_000_000) } });
    const serverUrl = await serverThat(100_000, (socket) => {
      socket.pause().write(`HTTP/1.1 ${head}\r\n\r\n`);
    });
    let announced = 0;
    const context = {
      client: clientWithGitAt(serverUrl),
      signal: never,
      beforeMove: async () => void announced++,
      onProgress: () => {},
    };
    expect((await failureOf(writer.write(changeSet, context))).code).toBe(code);
    expect(announced).toBe(0);
  });

  it("reads a compressed response, but not an endless one", async () => {
    const changeSet = await github.changeSet({ writes: { "a.txt": "a" } });
    const answer = (body: Uint8Array) => {
      const head = `HTTP/1.1 200 OK\r\ncontent-type: application/x-git-receive-pack-result\r\ncontent-encoding: gzip\r\n`;
      return Buffer.concat([Buffer.from(`${head}content-length: ${body.length}\r\n\r\n`), body]);
    };
    const refusal = gzipSync(report("", "pre-receive hook declined").body);
    const packed = clientWithGitAt(await serverThat(700, (socket) => socket.end(answer(refusal))));
    expect((await failureOf(github.write(writer, changeSet, packed))).code).toBe("branch_protected");
    server?.close();
    const bomb = gzipSync(Buffer.alloc(20_000_000, "0000"));
    const endless = clientWithGitAt(await serverThat(700, (socket) => socket.end(answer(bomb))));
    expect((await failureOf(github.write(writer, changeSet, endless))).code).toBe("github_unavailable");
  });

  it("throws github_timeout when the response stalls", async () => {
    const changeSet = await github.changeSet({ writes: { "a.txt": "a" } });
    const head = "HTTP/1.1 200 OK\r\ncontent-type: application/x-git-receive-pack-result\r\n\r\n";
    const serverUrl = await serverThat(700, (socket) => {
      socket.write(head);
      const drip = setInterval(() => socket.write("0"), 5);
      socket.once("close", () => clearInterval(drip));
    });
    const client = clientWithGitAt(serverUrl, 100);
    expect((await failureOf(github.write(writer, changeSet, client))).code).toBe("github_timeout");
  });

  it("stops the upload when the signal is aborted", async () => {
    const bytes = randomBytes(4_000_000);
    const changeSet = await github.changeSet({ writes: { "big.bin": bytes } });
    const cancelled = new AbortController();
    const client = clientWithGitAt(await serverThat(100_000, () => cancelled.abort(new Error("called off"))));
    const context = { client, signal: cancelled.signal, beforeMove: async () => {}, onProgress: () => {} };
    await expect(writer.write(changeSet, context)).rejects.toThrow("called off");
  });
});

describe("readObjectFormat of an empty repository", () => {
  const empty = () => ({ repository: { ...INFO, fullName: "octo/project" }, start: null });

  it("asks the git server, and falls back to SHA-1 when it is unreachable", async () => {
    github.box.resetCounters();
    expect(await readObjectFormat(github.client, empty(), never)).toBe("sha1");
    expect(github.calls()).toEqual(["GET /{owner}/{repo}.git/info/refs"]);
    github.box.control.fault({ path: /info\/refs/, when: "before", respond: { status: 403, body: "no" } });
    expect(await readObjectFormat(github.client, empty(), never)).toBe("sha1");
    const body =
      "001f# service=git-receive-pack\n0000" +
      pkt(`${"0".repeat(64)} capabilities^{}\0object-format=sha256\n`) +
      "0000";
    const headers = { "content-type": "application/x-git-receive-pack-advertisement" };
    github.box.control.fault({ path: /info\/refs/, when: "before", respond: { status: 200, body, headers } });
    expect(await readObjectFormat(github.client, empty(), never)).toBe("sha256");
  });
});

describe("push writer with signCommit", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "infrajet-sign-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const run = (command: string, args: readonly string[], input: string | Uint8Array = "", cwd = folder) =>
    execFileSync(command, args, {
      cwd,
      input,
      stdio: "pipe",
      env: { ...process.env, GNUPGHOME: folder, HOME: folder },
    });

  it("makes commits that git verifies with an SSH key", async () => {
    run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", "key"]);
    writeFileSync(join(folder, "signers"), `ada@example.com ${readFileSync(join(folder, "key.pub"), "utf8")}`);
    const sign = async (payload: Uint8Array) =>
      run("ssh-keygen", ["-Y", "sign", "-n", "git", "-f", "key"], payload).toString();
    const signing = createPushWriter({ author: { name: "Ada", email: "ada@example.com" }, sign });
    const { commit } = await github.write(signing, await github.changeSet({ writes: { "a.txt": "a" } }));
    const settings = ["-c", "gpg.format=ssh", "-c", `gpg.ssh.allowedSignersFile=${join(folder, "signers")}`];
    run("git", [...settings, "verify-commit", commit.commitId], "", github.repository.gitDir);
    await github.repository.fsck();
  });

  it("makes commits that git verifies with an OpenPGP key", async () => {
    run("gpg", ["--batch", "--passphrase", "", "--quick-generate-key", "Ada <ada@example.com>", "ed25519", "sign"]);
    const sign = async (payload: Uint8Array) =>
      run("gpg", ["--batch", "--detach-sign", "--armor", "-u", "ada@example.com"], payload).toString();
    const signing = createPushWriter({ author: { name: "Ada", email: "ada@example.com" }, sign });
    const { commit } = await github.write(signing, await github.changeSet({ writes: { "a.txt": "a" } }));
    run("git", ["verify-commit", commit.commitId], "", github.repository.gitDir);
    await github.repository.fsck();
  });

  it("throws invalid_options for an invalid signature", async () => {
    const changeSet = await github.changeSet({ writes: { "a.txt": "a" } });
    const { privateKey } = generateKeyPairSync("ed25519");
    const wrong = [
      async () => privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      () => Promise.reject(new Error("the key is locked")),
    ];
    for (const sign of wrong) {
      const error = await failureOf(github.write(createPushWriter({ author: null, sign }), changeSet));
      expect(error).toMatchObject({ code: "invalid_options", message: expect.stringContaining("signCommit") });
    }
    expect(await github.repository.head()).toBe(changeSet.expectedHead);
  });
});

const INFO = { id: 1, nodeId: "R", fullName: "", htmlUrl: "", isEmpty: true, defaultBranch: null } as const;

function present<Value>(value: Value | null): Value {
  if (value === null) throw new Error("there is nothing");
  return value;
}

function pkt(text: string): string {
  return (Buffer.byteLength(text) + 4).toString(16).padStart(4, "0") + text;
}

/** Returns a server's report that it did not move `main`. */
function report(messages: string, reason: string) {
  const status = `${pkt("unpack ok\n")}${pkt(`ng refs/heads/main ${reason}\n`)}0000`;
  const body = `${messages === "" ? "" : pkt(`\u0002${messages}`)}${pkt(`\u0001${status}`)}0000`;
  return { body, headers: { "content-type": "application/x-git-receive-pack-result" } };
}
