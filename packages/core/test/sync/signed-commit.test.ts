import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { SyncFixture } from "./sync-fixture.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "infrajet-signed-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

it("signCommit signs the commits that a sync pushes, and git verifies them", async () => {
  const run = (command: string, args: readonly string[], input: string | Uint8Array = ""): string =>
    execFileSync(command, args, { cwd: folder, input, encoding: "utf8", stdio: "pipe" });
  run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", "key"]);
  const signers = join(folder, "signers");
  writeFileSync(signers, `ada@example.com ${readFileSync(join(folder, "key.pub"), "utf8")}`);
  const fixture = await SyncFixture.create({
    files: { "run.sh": { content: "#!/bin/sh\n", mode: "100755" } },
    sdk: {
      commitAuthor: { name: "Ada", email: "ada@example.com" },
      signCommit: async (payload) => run("ssh-keygen", ["-Y", "sign", "-n", "git", "-f", "key"], payload),
    },
  });
  try {
    expect((await fixture.sdk.sync.plan(fixture.request())).writer?.reason).toContain("signed by the host");
    const { commitId } = await fixture.sync();
    const settings = ["-c", "gpg.format=ssh", "-c", `gpg.ssh.allowedSignersFile=${signers}`];
    run("git", ["-C", fixture.repository.gitDir, ...settings, "verify-commit", commitId ?? ""]);
    await fixture.repository.fsck();
  } finally {
    await fixture.close();
  }
});
