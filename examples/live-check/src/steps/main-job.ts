import { z } from "zod";
import { withClone } from "../repositories.js";
import type { Step } from "../step.js";
import { type ProjectTree, SyncedProject } from "../sync-project.js";
import type { Target } from "../target.js";

const contentSchema = z.object({ sha: z.string() });
const WRITERS = ["graphql", "git-data", "push"] as const;
type Writer = (typeof WRITERS)[number];

/** Syncs a project with each writer: first files, nothing, a change and a deletion, a foreign file, a conflict. */
export const mainJob: Step = {
  number: 2,
  title: "syncs with each writer",
  run: async (target) => {
    const base = await target.head("main");
    for (const writer of WRITERS) {
      await target.branch(`writer-${writer}`, base);
      await storyWith(target, writer);
    }
  },
};

async function storyWith(target: Target, writer: Writer): Promise<void> {
  const branch = `writer-${writer}`;
  const name = `${target.service.owner}/${target.repository}`;
  const project = new SyncedProject(target, { repository: name, branch, writer });
  try {
    await project.sync(`${writer}: first`, files(writer));
    await project.sync(`${writer}: unchanged`, files(writer));
    const changed: ProjectTree = { ...files(writer), "modules/file-3.tf": "# changed\n" };
    const { "modules/file-4.tf": _removed, ...rest } = changed;
    const head = await project.sync(`${writer}: change and deletion`, rest);
    const reads = head === null ? 0 : await target.readsUntil(branch, head);
    target.settle(`Reads of a ref that lag behind a write by ${writer}`, String(reads));
    await edit(target, branch, "foreign.md", "# Foreign\n");
    await project.sync(`${writer}: a foreign file is kept`, { ...rest, "modules/file-5.tf": "# five\n" });
    await edit(target, branch, "modules/file-6.tf", "# theirs\n");
    await project.sync(`${writer}: conflict`, {
      ...rest,
      "modules/file-5.tf": "# five\n",
      "modules/file-6.tf": "# ours\n",
    });
  } finally {
    await project.close();
  }
  await withClone(target, name, async (folder) => {
    await target.git(`${writer}: check the repository`, ["fsck", "--strict"], folder);
  });
}

/** 30 files: text, a binary file, and where the writer can write them an executable file and a link. */
function files(writer: Writer): ProjectTree {
  const texts = Array.from({ length: 27 }, (_, index) => [`modules/file-${index}.tf`, `# file ${index}\n`] as const);
  const special: ProjectTree =
    writer === "graphql"
      ? { "run.sh": "#!/bin/sh\n", link: "run.sh" }
      : { "run.sh": { content: "#!/bin/sh\n", mode: "100755" }, link: { content: "run.sh", mode: "120000" } };
  return { ...Object.fromEntries(texts), ...special, "image.bin": Uint8Array.from([0, 255, 254, 1, 2, 3]) };
}

/** Writes a file as another person, by the contents API. */
async function edit(target: Target, branch: string, path: string, text: string): Promise<void> {
  const at = `${target.at}/contents/${path}`;
  const present = await target.rest(`${branch}: read ${path}`, "GET", `${at}?ref=${branch}`);
  const { data } = contentSchema.safeParse(present.body);
  await target.must(`${branch}: write ${path}`, "PUT", at, {
    message: `Write ${path}`,
    branch,
    content: Buffer.from(text).toString("base64"),
    ...(data === undefined || present.status !== 200 ? {} : { sha: data.sha }),
  });
}
