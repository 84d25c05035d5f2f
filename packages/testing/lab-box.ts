import { spawn } from "node:child_process";
import { createGitHubBox } from "@infrajet/github-testing";

const count = Number(process.argv[2] ?? 10000),
  size = Number(process.argv[3] ?? 20000),
  latency = Number(process.argv[4] ?? 0);
const child = process.argv[5] ?? "/work/wt/push/packages/core/lab-child.mjs";
const box = await createGitHubBox();
box.addUser({ login: "ada" });
const token = box.addToken({ login: "ada", scopes: ["repo", "workflow"] });
const repo = await box.createRepository({ owner: "ada", name: "infra", autoInit: process.argv[6] !== "empty" });
const server = await box.listen();
if (latency) box.control.latency(latency);
const p = spawn(process.execPath, [...(process.env.NODE_ARGS ?? "").split(" ").filter(Boolean), child], {
  stdio: ["ignore", "pipe", "inherit"],
  env: { ...process.env, API: server.apiUrl, TOKEN: token, COUNT: String(count), SIZE: String(size) },
});
p.stdout.on("data", (d) => {
  for (const l of String(d).trim().split("\n")) {
    if (l.startsWith("#")) {
      console.log(l, "requests", box.requests.map((r) => `${r.operation ?? r.route} ${r.bytesIn}`).join(" | "));
      box.resetCounters();
    } else console.log(l);
  }
});
await new Promise((r) => p.on("close", r));
console.log("commits", (await repo.log()).length, "files", (await repo.files()).size);
await repo.fsck();
console.log("fsck ok");
await box.close();
