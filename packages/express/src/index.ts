export { type AttachedRealtime, attachRealtime, type RealtimeOptions } from "@infrajet/github/node";
export { githubRouter } from "./github-router.js";
