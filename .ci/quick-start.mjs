// Runs the program of docs/start.md in an empty folder with the built packages, and checks what the page says that it prints.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./tasks.mjs";

const page = readFileSync(join(root, "docs/start.md"), "utf8");
const [, program] = /<!-- quick start -->\n```ts\n([\s\S]*?)\n```/.exec(page) ?? [];
assert.ok(program, "docs/start.md has no program after <!-- quick start -->");

// Below docs/, so that the program finds the packages of the workspace.
const folder = mkdtempSync(join(root, "docs/.vitepress/quick-start-"));
try {
  mkdirSync(join(folder, "infrastructure"));
  writeFileSync(join(folder, "infrastructure/main.tf"), 'region = "eu-west-1"\n');
  writeFileSync(join(folder, "sync.mjs"), program);
  const printed = execFileSync(process.execPath, ["sync.mjs"], { cwd: folder, encoding: "utf8", timeout: 120_000 });
  assert.match(
    printed,
    /^completed http:\/\/127\.0\.0\.1:\d+\/octocat\/infrastructure\/commit\/[0-9a-f]{40}\n\[ 'main\.tf' \]\n$/,
  );
} finally {
  rmSync(folder, { recursive: true });
}
