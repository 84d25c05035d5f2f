import type { FileMode } from "../git/tree.js";
import type { License } from "./license.js";
import type { BoxRepository } from "./repository.js";

/** A file of the first commit. A submodule has the ID of its commit in place of content. */
export interface InitialFile {
  mode: FileMode;
  content: Buffer | { commit: string };
}

/** The files that a new repository begins with. */
export interface InitialFilesOptions {
  /** True for a README.md. */
  readme: boolean;
  /** The content of the `.gitignore`. */
  gitignore?: string | undefined;
  license?: License | undefined;
  /** The repository whose default branch is copied, in place of the other files. */
  template?: BoxRepository | undefined;
}

/** Names and contents of `.gitignore` templates. Names are case-sensitive, as GitHub's are. */
export const GITIGNORES: ReadonlyMap<string, string> = new Map([
  ["C++", "*.o\n*.so\n"],
  ["Go", "*.exe\n*.test\n*.out\n"],
  ["Java", "*.class\n*.jar\n"],
  ["Node", "node_modules/\n*.log\n"],
  ["Python", "__pycache__/\n*.py[cod]\n"],
  ["Terraform", ".terraform/\n*.tfstate\n*.tfstate.*\n"],
  ["VisualStudio", "[Bb]in/\n[Oo]bj/\n"],
]);

/** Returns the files of the first commit by path; an empty map for a repository without commits. */
export async function initialFiles(
  { name, description, owner }: BoxRepository,
  { readme, gitignore, license, template }: InitialFilesOptions,
): Promise<ReadonlyMap<string, InitialFile>> {
  if (template !== undefined) {
    const files = await template.files();
    return new Map(
      [...files].map(([path, { mode, oid, content }]) => [
        path,
        { mode, content: mode === "160000" ? { commit: oid } : content },
      ]),
    );
  }
  const texts = new Map<string, string>();
  if (gitignore !== undefined) texts.set(".gitignore", gitignore);
  if (license !== undefined) texts.set("LICENSE", `${license.name}\n\nCopyright (c) ${owner.name}\n`);
  if (readme) texts.set("README.md", `# ${name}\n${description === null ? "" : `\n${description}\n`}`);
  return new Map([...texts].map(([path, text]) => [path, { mode: "100644", content: Buffer.from(text) }]));
}
