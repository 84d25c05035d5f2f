import { createGitHubSdk, type GitHubSdk } from "@infrajet/github";
import type { ProjectFiles, ProjectFilesSession } from "@infrajet/github/adapters";
import { folderFiles } from "@infrajet/github/folder";
import type { Contender } from "../contender.js";

/** Returns the contender that uses this SDK with default options. */
export function sdkContender(): Contender {
  let sdk: GitHubSdk | undefined;
  let reads = 0;
  const counted = (session: ProjectFilesSession): ProjectFilesSession => ({
    list: (directory, options) => session.list(directory, options),
    read: (file, options) => {
      reads += 1;
      return session.read(file, options);
    },
    close: () => session.close(),
  });
  return {
    async prepare({ apiUrl, serverUrl, token, project }) {
      const folder = folderFiles(project);
      const projectFiles: ProjectFiles = { open: async (...opening) => counted(await folder.open(...opening)) };
      sdk = createGitHubSdk({ apiUrl, serverUrl, auth: token, projectFiles });
    },
    async sync({ owner, repo }) {
      if (sdk === undefined) throw new Error("Call prepare first.");
      reads = 0;
      const project = { userId: "1", projectId: "benchmark" };
      const { status, error } = await sdk.sync.run({ project, repository: `${owner}/${repo}` });
      if (status !== "completed") throw new Error(error?.message ?? status);
      return { filesRead: reads };
    },
    async close() {
      await sdk?.close();
    },
  };
}
