// Writes the parts of the reference that come from the source: the tables of errors and options. `npm run docs` runs it first.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ERROR_STATUS, type ErrorCode } from "@infrajet/github/errors";
import ts from "typescript";
import { ERROR_HELP } from "./error-help.js";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** The interfaces of options: title, source file, name. */
const OPTIONS = [
  ["createGitHubSdk", "packages/core/src/options.ts", "GitHubSdkOptions"],
  ["oauth", "packages/core/src/app-options.ts", "OAuthAppOptions"],
  ["app", "packages/core/src/app-options.ts", "GitHubAppOptions"],
  ["The endpoints", "packages/core/src/http/http-options.ts", "GitHubHttpOptions"],
  ["createGitHubClient", "packages/client/src/client-options.ts", "GitHubClientOptions"],
  ["folderProjectFiles", "packages/core/src/folder/folder-project-files.ts", "FolderProjectFilesOptions"],
  ["azureProjectFiles", "packages/azure/src/options.ts", "AzureProjectFilesSettings"],
  ["bullJobs", "packages/bullmq/src/bull-jobs.ts", "BullJobsOptions"],
] as const;

function errorTable(): string {
  const rows = Object.entries(ERROR_STATUS).map(([code, status]) => {
    const { cause, fix } = ERROR_HELP[code as ErrorCode];
    return `| <a id="${code}"></a>\`${code}\` | ${status} | ${cause} | ${fix} |`;
  });
  return ["| code | status | cause | fix |", "| --- | --- | --- | --- |", ...rows, ""].join("\n");
}

function optionTable(title: string, file: string, name: string): string {
  const source = ts.createSourceFile(file, readFileSync(path(`../../${file}`), "utf8"), ts.ScriptTarget.Latest, true);
  const found = source.statements.find(
    (statement): statement is ts.InterfaceDeclaration =>
      ts.isInterfaceDeclaration(statement) && statement.name.text === name,
  );
  if (found === undefined) throw new Error(`${file} does not declare the interface ${name}.`);
  const rows = found.members.filter(ts.isPropertySignature).map((member) => {
    const type = cell(`\`${member.type?.getText() ?? "unknown"}\``);
    const required = member.questionToken === undefined ? " (required)" : "";
    return `| \`${member.name.getText()}\`${required} | ${type} | ${cell(documentation(member))} |`;
  });
  return [`## ${title}`, "", "| option | type | |", "| --- | --- | --- |", ...rows, ""].join("\n");
}

/** Returns the text of a docstring in one line. */
function documentation(node: ts.Node): string {
  const [comment] = ts.getJSDocCommentsAndTags(node);
  const text = typeof comment?.comment === "string" ? comment.comment : "";
  return text.replaceAll(/\{@link (\S+?)\}/g, "`$1`").trim();
}

/** Returns a text that fits into a cell of a table. */
function cell(text: string): string {
  return text.replaceAll(/\s+/g, " ").replaceAll("|", "\\|");
}

mkdirSync(path("generated"), { recursive: true });
writeFileSync(path("generated/errors.md"), errorTable());
writeFileSync(
  path("generated/options.md"),
  OPTIONS.map(([title, file, name]) => optionTable(title, file, name)).join("\n"),
);
