import { recommendedSecretDetector } from "@infrajet/github";
import type { SecretFinding } from "@infrajet/github/adapters";
import { describe, expect, it } from "vitest";
import { leastCpuTime } from "../cpu-time.js";
import { random, SAMPLES, secretParts } from "./sample-secrets.js";

const detector = recommendedSecretDetector();

function find(text: string, path = "config/app.conf"): Promise<readonly SecretFinding[]> {
  return detector.find({ path, text }, { signal: new AbortController().signal });
}

const filled = (text: string, length = 1_000_000): string => text.repeat(Math.ceil(length / text.length));

describe("recommendedSecretDetector", () => {
  it.each(SAMPLES)("finds a %s", async (_kind, rule, text) => {
    const parts = secretParts(text);
    const findings = await find(`# settings\n\n${text}\n`);
    expect(findings).toContainEqual({ rule, line: 3 });
    const told = JSON.stringify(findings);
    expect(parts.filter((part) => told.includes(part))).toEqual([]);
  });

  it.each([
    ["an empty file", ""],
    [
      "a public key",
      "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA\n-----END PUBLIC KEY-----\n",
    ],
    ["a certificate", `-----BEGIN CERTIFICATE-----\n${random(64)}\n${random(64)}\n-----END CERTIFICATE-----\n`],
    ["an SSH public key", `ssh-ed25519 ${random(68)} ada@infra`],
    ["the placeholder of a private key", "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n"],
    [
      "a short private key of documentation",
      "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA...\n-----END RSA PRIVATE KEY-----\n",
    ],
    ["code that looks for private keys", 'if (text.startsWith("-----BEGIN PRIVATE KEY-----")) return parse(text);\n'],
    [
      "the AWS keys of AWS's documentation",
      `id = AKIA${"IOSFODNN7EXAMPLE"}\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCY${"EXAMPLEKEY"}\n`,
    ],
    ["an AWS account ID and ARN", 'aws_account_id = "123456789012"\narn:aws:iam::123456789012:role/deploy\n'],
    ["prefixes without a token", "ghp_ github_pat_ glpat- AKIA sk_live_ sk-ant- xoxb- npm_ AIza hvs. postgres://\n"],
    [
      "placeholders of tokens",
      `ghp_${"x".repeat(36)} sk_live_${"0".repeat(24)} xoxb-your-bot-token sk-proj-your-key\n`,
    ],
    ["variables", `token = var.github_token\nurl = "https://\${var.user}:\${var.password}@registry.infra.io"\n`],
    [
      "passwords of a template",
      "postgres://{{user}}:{{password}}@db.infra.io/app\nmysql://app:$PASSWORD@db.infra.io/app\n",
    ],
    [
      "databases of the own computer",
      `postgres://postgres:postgres@db/app postgres://app:${random(12)}@localhost:5432/app\n`,
    ],
    ["hosts of documentation", `https://user:${random(12)}@example.com/ ftp://anonymous:guest@ftp.infra.io\n`],
    ["URLs with a port and paths with an at sign", "https://infra.io:8443/@scope/pkg@1.2.3 http://[::1]:3000/a@b.io\n"],
    [
      "checksums and hashes",
      `sha512-${random(86)}== ${random(40, "0123456789abcdef")} ${random(64, "0123456789abcdef")}\n`,
    ],
    [
      "the public key of Azure's emulator",
      "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoMGMw==\n",
    ],
    ["an integrity field of a lock file", filled(`"integrity": "sha512-${random(86)}==",\n`, 20_000)],
  ])("finds nothing in %s", async (_what, text) => {
    expect(await find(text)).toEqual([]);
  });

  it("finds a credential of .npmrc by the name of the file", async () => {
    const text = `//registry.infra.io/:_authToken=${random(24)}\n`;
    expect(await find(text, "deploy/.npmrc")).toEqual([{ rule: "npm", line: 1 }]);
    expect(await find(`//registry.infra.io/:_authToken=\${NPM_TOKEN}\n`, ".npmrc")).toEqual([]);
  });

  it("does not accept comments that turn rules off", async () => {
    expect(await find(`# secretlint-disable\nghp_${random(36)}\n`)).toEqual([{ rule: "github", line: 2 }]);
  });

  it("names the lines of all secrets in a long file, in order", async () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `name_${index} = "a value of some length"`);
    for (const line of [1, 4_000, 12_345, 20_000]) lines[line - 1] = `token = "ghp_${random(36)}"`;
    expect((await find(lines.join("\n"))).map(({ line }) => line)).toEqual([1, 4_000, 12_345, 20_000]);
  });

  it("finds a token at any place of a long line", async () => {
    const token = `ghp_${random(36)}`;
    for (const before of [131_000, 131_050, 131_072, 262_100]) {
      const text = `${filled("a ", before)} ${token} ${filled("b ", 200_000)}`;
      expect(await find(text), `after ${before} characters`).toEqual([{ rule: "github", line: 1 }]);
    }
  });

  it("returns at most 20 secrets of a file", async () => {
    const text = Array.from({ length: 100 }, () => `ghp_${random(36)}`).join("\n");
    expect(await find(text)).toHaveLength(20);
  });

  it("searches a long line of tokens in less than two seconds of CPU time", async () => {
    const text = Array.from({ length: 25_000 }, () => `ghp_${random(36)}`).join(" ");
    expect(await leastCpuTime(2_000, () => find(text))).toBeLessThan(2_000);
    expect(await find(text)).toEqual([{ rule: "github", line: 1 }]);
  });

  it("ends with the reason of its signal", async () => {
    const reason = new Error("the sync was cancelled");
    const searched = detector.find(
      { path: "a", text: filled("SG.a.aaaaaaaaaaaaaaaaaaaaaaa ") },
      { signal: AbortSignal.abort(reason) },
    );
    await expect(searched).rejects.toBe(reason);
  });

  it.each([
    ["letters", "a"],
    ["digits", "0123456789"],
    ["SendGrid prefixes", `SG.a.${"a".repeat(300)} `],
    ["Slack prefixes", `xoxb-1${"a".repeat(320)}!`],
    ["private key headers", "-----BEGIN PRIVATE KEY-----\n"],
    ["an endless private key", `-----BEGIN PRIVATE KEY-----\n${"A\n".repeat(4_900)}`],
    ["URL prefixes", "http://a:a"],
    ["database URLs", "postgres://a:bb"],
    ["connection strings", "Server=a;b"],
    ["passwords without a server", "Pwd=a"],
    ["short passwords without a server", "Pwd=a;"],
    ["many servers before passwords", `${"Server=a;".repeat(30)}Pwd=;`],
    ["GitHub tokens with a JWT", `ghs_1_${"a".repeat(290)}.`],
    ["shared access signatures", "?sv=a&sig=a"],
    ["GitHub token prefixes", "ghs_1_"],
    ["base64", `${"A1b2".repeat(500)}AZDO `],
    ["spaces after a key", `secret_key = ${" ".repeat(100)}`],
  ])("searches a megabyte of %s in less than two seconds of CPU time", async (_what, text) => {
    expect(await leastCpuTime(2_000, () => find(filled(text)))).toBeLessThan(2_000);
  });

  it("lets the event loop run while it searches", async () => {
    let turns = 0;
    let immediate = setImmediate(function count() {
      turns += 1;
      immediate = setImmediate(count);
    });
    await find(filled(`SG.a.${"a".repeat(300)} `));
    clearImmediate(immediate);
    expect(turns).toBeGreaterThan(5);
  });
});
