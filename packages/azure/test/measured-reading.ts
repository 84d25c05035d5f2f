import { azureProjectFiles } from "@infrajet/github-azure";
import { PROJECT } from "./boxed-files.js";

// A process of its own, so that only the memory of the source is measured. Lists the project or reads its files, and sends the
// numbers of files and bytes and the maximum increase of memory to the parent process.

const [connectionString = "", task = ""] = process.argv.slice(2);
const files = azureProjectFiles({ connectionString, shareName: "infrajet", baseDirectory: "projects" });
const session = await files.open(PROJECT);
const found = { files: 0, bytes: 0 };

globalThis.gc?.();
const before = process.memoryUsage().rss;
let most = before;
const watch = setInterval(look, 5);

for (let level = [""]; level.length > 0; ) {
  const children: string[] = [];
  const work = async (): Promise<void> => {
    for (let directory = level.pop(); directory !== undefined; directory = level.pop()) {
      children.push(...(await enter(directory)));
    }
  };
  // A sync also lists and reads 8 at a time.
  await Promise.all(Array.from({ length: 8 }, work));
  level = children;
}
clearInterval(watch);
await session.close();
process.send?.({ ...found, extraBytes: most - before });
process.disconnect?.();

async function enter(directory: string): Promise<string[]> {
  const below: string[] = [];
  for await (const entry of session.list(directory)) {
    if (entry.type === "directory") below.push(entry.path);
    else {
      found.files += 1;
      if (task === "read") for await (const piece of (await session.read(entry)).bytes) found.bytes += piece.length;
    }
  }
  return below;
}

function look(): void {
  most = Math.max(most, process.memoryUsage().rss);
}
