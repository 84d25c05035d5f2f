import fs from "node:fs";
import { folderFiles } from "./dist/folder.js";
import { createGitHubSdk } from "./dist/index.js";

const { API, TOKEN, ROOT } = process.env;
const sdk = createGitHubSdk({ auth: TOKEN, apiUrl: API, projectFiles: folderFiles(ROOT) });
let top = { rss: 0 };
const timer = setInterval(() => {
  const m = process.memoryUsage();
  if (m.rss > top.rss) top = m;
}, 20);
timer.unref();
const mb = (m) =>
  Object.entries(m)
    .map(([k, v]) => `${k} ${(v / 1e6) | 0}`)
    .join(" ");
async function round(name) {
  top = { rss: 0 };
  const t = performance.now(),
    cpu = process.cpuUsage();
  const r = await sdk.sync.run({ project: { userId: "7", projectId: "infra" }, repository: "ada/infra" });
  const c = process.cpuUsage(cpu);
  console.log(
    `# ${name} ${r.status} ${r.error?.message ?? ""} ${r.writer} files ${r.filesSynced} wall ${(performance.now() - t) | 0}ms cpu ${((c.user + c.system) / 1000) | 0}ms maxrss ${(process.resourceUsage().maxRSS / 1024) | 0}MB peak ${mb(top)}`,
  );
}
console.log("start", mb(process.memoryUsage()));
await round("first");
if (process.env.ONLY_FIRST) process.exit(0);
for (let i = 0; i < 5; i++) fs.appendFileSync(`${ROOT}/7/infra/d${i * 19}/f${i * 1900}.tf`, "# changed\n");
await round("5 changed");
await round("nothing");
await sdk.close();
