import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { parseEnv } from "node:util";
import { optionsFromEnv } from "@infrajet/github";
import { createGitHubBox, type GitHubBox } from "@infrajet/github-testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compiledProgram } from "../../../.ci/compiled-program.js";

const PROGRAM = await compiledProgram(new URL("../src/main.ts", import.meta.url));

let box: GitHubBox;
let githubUrl: string;
let folder: string;
beforeAll(async () => {
  box = await createGitHubBox();
  githubUrl = (await box.listen()).serverUrl;
  folder = await mkdtemp(join(tmpdir(), "infrajet-create-app-"));
});
afterAll(async () => {
  await box.close();
  await rm(folder, { recursive: true, force: true });
});

function start(args: readonly string[]) {
  const child = spawn(process.execPath, [PROGRAM, "--no-open", ...args], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env.PATH },
  });
  const lines: string[] = [];
  const pages: ((address: string) => void)[] = [];
  const address = new Promise<string>((resolve) => pages.push(resolve));
  createInterface(child.stderr).on("line", (line) => {
    lines.push(line);
    if (line.startsWith("  http://127.0.0.1:")) for (const found of pages) found(line.trim());
  });
  const stdout = text(child.stdout);
  const end = once(child, "close").then(async () => ({
    code: child.exitCode,
    stderr: lines.join("\n"),
    stdout: await stdout,
  }));
  return { address, end };
}

/** Clicks through the page and GitHub's form. */
async function create(address: string): Promise<Response> {
  const page = await (await fetch(address)).text();
  const value = (pattern: RegExp): string =>
    (pattern.exec(page)?.[1] ?? "").replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
  const { redirectUrl } = await box.createAppFrom(value(/action="([^"]*)"/), value(/name="manifest" value="([^"]*)"/), {
    login: "ann",
  });
  return fetch(redirectUrl);
}

const run = async (args: readonly string[]) => {
  const { address, end } = start(["--github-url", githubUrl, "--name", `App ${Math.random()}`.slice(0, 20), ...args]);
  expect((await create(await address)).status).toBe(200);
  return end;
};

describe("npm run create-app", { timeout: 60_000 }, () => {
  it("writes the variables of the App to a private file, and keeps the other lines", async () => {
    const file = join(folder, "app.env");
    await writeFile(file, "PORT=4000\n", { mode: 0o644 });
    const { code, stdout, stderr } = await run(["--env", file, "--url", "https://api.example.com"]);
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).toContain("/installations/new");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const variables = parseEnv(await readFile(file, "utf8"));
    expect(variables).toMatchObject({
      PORT: "4000",
      GITHUB_REDIRECT_URI: "https://api.example.com/api/v1/github/auth/callback",
      GITHUB_SERVER_URL: githubUrl,
      GITHUB_API_URL: `${githubUrl}/api/v3`,
      GITHUB_WEBHOOK_SECRET: expect.any(String),
    });
    expect(optionsFromEnv(variables).app).toMatchObject({ appId: expect.any(Number), clientId: expect.any(String) });
    const refused = await start(["--github-url", githubUrl, "--env", file]).end;
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("already sets GITHUB_APP_ID") });
    expect((await run(["--env", file, "--force"])).code).toBe(0);
    const replaced = parseEnv(await readFile(file, "utf8"));
    expect(replaced.GITHUB_APP_ID).not.toBe(variables.GITHUB_APP_ID);
    expect(replaced.PORT).toBe("4000");
  });

  it("prints the variables, and serves only its own page", async () => {
    const { address, end } = start(["--github-url", githubUrl, "--name", "Printed"]);
    const { origin } = new URL(await address);
    for (const path of ["/", "/callback?code=x&state=guessed", "/guessed"]) {
      expect((await fetch(`${origin}${path}`)).status).toBe(404);
    }
    await create(await address);
    const { code, stdout } = await end;
    expect(code).toBe(0);
    expect(optionsFromEnv(parseEnv(stdout)).app).toMatchObject({ slug: "printed" });
  });
});
