import { access, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeOwnFolder } from "./own-folder.js";

/** The sample user and project of a host on GitHub in a box. */
export const SAMPLE = { userId: "demo", projectId: "network" } as const;

const FILES: Readonly<Record<string, string>> = {
  "main.tf": 'terraform {\n  required_version = ">= 1.9"\n}\n\nmodule "network" {\n  source = "./modules/network"\n}\n',
  "modules/network/main.tf": 'resource "azurerm_virtual_network" "main" {\n  name = "vnet-demo"\n}\n',
  "docs/network.md": "# Network\n",
};

/** Creates the sample project below a folder, if it is missing. @throws ConfigurationError when the folder cannot be created */
export async function putSampleProject(root: string): Promise<void> {
  const project = join(root, SAMPLE.userId, SAMPLE.projectId);
  const isThere = await access(project).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  await makeOwnFolder("PROJECTS_DIR", root);
  for (const [path, content] of Object.entries(FILES)) {
    const file = join(project, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}
