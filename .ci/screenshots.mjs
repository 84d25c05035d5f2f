// Takes the pictures of the dashboard in docs/images, in Chromium: `npm run screenshots`. Plain Node, no dependency.

import { join } from "node:path";
import process from "node:process";
import { root, runTasks, tool } from "./tasks.mjs";

process.env.INFRAJET_SCREENSHOTS = join(root, "docs/images");
const args = ["run", "--config", "vitest.workspace.ts", "examples/host/test/dashboard.test.ts"];
const failed = await runTasks([
  { name: "pictures of the dashboard", commands: [tool("vitest", [...args, "--testNamePattern", "express"])] },
]);
process.exitCode = failed.length === 0 ? 0 : 1;
