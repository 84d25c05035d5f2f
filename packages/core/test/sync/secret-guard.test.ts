import { formatPlan, type GitHubSdkOptions, isGitHubSdkError } from "@infrajet/github";
import { afterEach, describe, expect, it } from "vitest";
import { random, secretParts } from "../secrets/sample-secrets.js";
import { SyncFixture, type SyncFixtureOptions } from "./sync-fixture.js";

let fixture: SyncFixture;

async function start(options: SyncFixtureOptions = {}): Promise<SyncFixture> {
  fixture = await SyncFixture.create({ empty: true, ...options });
  return fixture;
}

afterEach(() => fixture.close());

const token = (): string => `token = "ghp_${random(36)}"\n`;
const LINES = "1\n2\n3\n4\n5\n6\n7\n";

describe("a push of a file with a secret", () => {
  it("fails with secret_found before anything is sent, and names file, line, rule and option but not the secret", async () => {
    const text = `# provider\n${token()}`;
    const [part = ""] = secretParts(text);
    await start({ files: { "main.tf": "x", "prod/github.tf": text } });
    const events: unknown[] = [];
    fixture.sdk.on("sync.failed", (event) => events.push(event));
    const record = await fixture.sync();
    expect(record).toMatchObject({ status: "failed", commitId: null, filesSynced: 0, error: { code: "secret_found" } });
    expect(record.error?.message).toMatch(/prod\/github\.tf \(line 2, rule github\).*`allowSecrets`/);
    expect(record.error?.message).not.toContain("main.tf");
    expect(JSON.stringify([record, events])).not.toContain(part);
    expect(fixture.routes().filter((route) => !/^GET|graphql repository$/.test(route))).toEqual([]);
    expect(await fixture.repository.head().catch(() => null)).toBeNull();
  });

  it("sends the file when allowSecrets names exactly its path, for this sync only", async () => {
    await start({ files: { "a.tf": token(), "dir/a.tf": token() } });
    const refused = await fixture.sync({ allowSecrets: ["a.tf", "dir", "missing.tf"] });
    expect(refused.error?.message).toMatch(/: dir\/a\.tf \(line 1, rule github\)\./);
    expect(await fixture.sync({ allowSecrets: ["a.tf", "dir/a.tf"] })).toMatchObject({ error: null, filesSynced: 2 });
    fixture.write("a.tf", token());
    expect((await fixture.sync()).error?.code).toBe("secret_found");
  });

  it("searches only files whose content changes on the branch", async () => {
    const text = token();
    await start({ files: { "a.tf": text, "b.tf": "b" } });
    expect((await fixture.sync({ allowSecrets: ["a.tf"] })).error).toBeNull();
    fixture.write("b.tf", "B");
    expect(await fixture.sync()).toMatchObject({ error: null, filesSynced: 1 });
    fixture.write("a.tf", { content: text, mode: "100755" });
    expect(await fixture.sync()).toMatchObject({ error: null, filesSynced: 1 });
    fixture.remove("a.tf");
    expect(await fixture.sync()).toMatchObject({ error: null, filesDeleted: 1 });
  });

  it("lists the secrets in the plan, which does not fail, and applies the plan with allowSecrets", async () => {
    const text = `\n\n${token()}`;
    await start({ files: { "a.tf": text, "b.tf": "b" } });
    const plan = await fixture.sdk.sync.plan(fixture.request());
    expect(plan.secrets).toEqual([{ path: "a.tf", rule: "github", line: 3 }]);
    expect(formatPlan(plan)).toMatch(
      / s a\.tf {2}secret on line 3 \(github\)\n1 secret found: nothing would be written\.$/,
    );
    const allowed = await fixture.sdk.sync.plan(fixture.request({ allowSecrets: ["a.tf"] }));
    expect([allowed.secrets, allowed.hash]).toEqual([[], plan.hash]);
    const refused = await fixture.sdk.sync.apply(fixture.request(), plan.hash);
    expect(refused.error?.code).toBe("secret_found");
    const applied = await fixture.sdk.sync.apply(fixture.request({ allowSecrets: ["a.tf"] }), plan.hash);
    expect(applied).toMatchObject({ status: "completed", filesSynced: 2 });
  });

  it("fails also for a merged content and for a pull request", async () => {
    await start({ files: { "a.txt": LINES } });
    expect((await fixture.sync()).error).toBeNull();
    const head = await fixture.commit({ "a.txt": LINES.replace("7", "seven") });
    fixture.write("a.txt", LINES.replace("1\n", token()));
    const merging = await fixture.sync({ strategy: "merge" });
    expect(merging.error?.message).toContain("a.txt (line 1, rule github)");
    const proposing = await fixture.sync({ strategy: "pull_request" });
    expect(proposing).toMatchObject({ error: { code: "secret_found" }, pullRequestUrl: null });
    expect(await fixture.repository.head()).toBe(head);
    expect(
      fixture.routes().filter((route) => /^POST.*(pulls|git\/refs|createRef|receive-pack)/.test(route)),
    ).toHaveLength(1);
  });

  it("does not search what a pull brings into the project", async () => {
    await start({ files: { "a.tf": "a" } });
    expect((await fixture.sync()).error).toBeNull();
    await fixture.commit({ "theirs.tf": token() });
    expect(await fixture.sync({ direction: "two_way" })).toMatchObject({ error: null, filesPulled: 1 });
  });

  it("searches UTF-16 text, and neither binary files nor files over 5 MiB", async () => {
    const secret = token();
    const utf16 = (mark: number[], text: Buffer) => Buffer.concat([Buffer.from(mark), text]);
    await start({
      files: {
        "le.ps1": utf16([0xff, 0xfe], Buffer.from(secret, "utf16le")),
        "be.ps1": utf16([0xfe, 0xff], Buffer.from(secret, "utf16le").swap16()),
        "logo.bin": Buffer.from(`\0${secret}`),
        "large.csv": Buffer.from(secret.padEnd(5 * 1024 * 1024 + 1, "a,")),
        "large-enough.csv": Buffer.from(secret.padStart(5 * 1024 * 1024, "\n")),
        empty: "",
      },
    });
    const { secrets } = await fixture.sdk.sync.plan(fixture.request());
    expect(secrets.map(({ path }) => path)).toEqual(["be.ps1", "large-enough.csv", "le.ps1"]);
  });

  it("names ten secrets and counts the others", async () => {
    const files = Object.fromEntries(Array.from({ length: 13 }, (_, index) => [`f${index + 10}.tf`, token()]));
    await start({ files });
    const { error } = await fixture.sync();
    expect(error?.message).toMatch(/f10\.tf.*f19\.tf \(line 1, rule github\) and 3 more\./);
    expect(error?.message).not.toContain("f20.tf");
  });

  it("rejects invalid paths in allowSecrets", async () => {
    await start();
    for (const allowSecrets of [["../a"], [5], Array.from({ length: 10_001 }, () => "a")]) {
      const refused = await fixture.sync({ allowSecrets }).catch((error: unknown) => error);
      expect(isGitHubSdkError(refused) && refused.code).toMatch(/^(invalid_path|validation_failed)$/);
    }
  });
});

describe("the option secretDetector", () => {
  const withDetector = (secretDetector: GitHubSdkOptions["secretDetector"]) =>
    start({ files: { "a.tf": token(), "b.tf": "hunter2" }, sdk: { secretDetector: secretDetector ?? null } });

  it("sends every file unsearched when it is null", async () => {
    await withDetector(null);
    expect(await fixture.sync()).toMatchObject({ error: null, filesSynced: 2 });
  });

  it("replaces the detector, whose findings are limited", async () => {
    const findings = [{ rule: `our${"\n".repeat(300)}`, line: -1 }];
    await withDetector({ find: async ({ text }) => (text.includes("hunter2") ? findings : []) });
    const { secrets } = await fixture.sdk.sync.plan(fixture.request());
    expect(secrets).toEqual([{ path: "b.tf", rule: `our${" ".repeat(97)}`, line: 1 }]);
    expect((await fixture.sync()).error?.code).toBe("secret_found");
  });

  it("fails the sync when the detector fails", async () => {
    await withDetector({ find: () => Promise.reject(new Error("the scanner is down")) });
    expect(await fixture.sync()).toMatchObject({ status: "failed", filesSynced: 0, error: { code: "internal_error" } });
  });

  it("rejects a value without the method find", async () => {
    await start();
    const secretDetector: unknown = "off";
    expect(() => fixture.startSdk({ secretDetector: secretDetector as null })).toThrow(
      /secretDetector must have the method find/,
    );
  });
});
