export { type GitHubPluginOptions, githubPlugin } from "./github-plugin.js";
