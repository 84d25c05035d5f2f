import type { Step } from "../step.js";

const PATH = ".github/workflows/live-check.yml";
const CONTENT = "on: workflow_dispatch\njobs: {}\n";

/** Writes a workflow file with a token that lacks the scope `workflow`. */
export const workflowFile: Step = {
  number: 7,
  title: "workflow file without the scope",
  skip: ({ limitedToken }) => (limitedToken === null ? "LIVE_CHECK_LIMITED_TOKEN is not set" : null),
  run: async (target) => {
    const authorization = `Bearer ${target.service.limitedToken}`;
    const head = await target.head("main");
    await target.branch("workflow", head);
    const entry = { path: PATH, mode: "100644", type: "blob", content: CONTENT };
    const tree = { base_tree: head, tree: [entry] };
    const made = await target.rest("tree", "POST", `${target.at}/git/trees`, tree, { authorization });
    target.settle("A tree with a workflow file, without the scope", `status ${made.status}`);
    const body = { message: "workflow", branch: "workflow", content: Buffer.from(CONTENT).toString("base64") };
    await target.rest("contents", "PUT", `${target.at}/contents/${PATH}`, body, { authorization });
    const whole = await target.tree("tree with the scope", [entry], head);
    const commit = await target.commit("workflow", whole, [head]);
    const update = { sha: commit };
    await target.rest("PATCH", "PATCH", `${target.at}/git/refs/heads/workflow`, update, { authorization });
  },
};
