import type { Step } from "../step.js";

const OBJECT = `query ($owner: String!, $name: String!, $expression: String!) {
  repository(owner: $owner, name: $name) { object(expression: $expression) { __typename oid } }
}`;

/** Resolves expressions in GraphQL. */
export const expressions: Step = {
  number: 5,
  title: "expressions in GraphQL",
  run: async (target) => {
    const head = await target.head("main");
    const file = { path: "dir/a.txt", mode: "100644", type: "blob", content: "text" };
    const module = { path: "module", mode: "160000", type: "commit", sha: head };
    const tree = await target.tree("tree", [file, module], head);
    const commit = await target.commit("expressions", tree, [head]);
    await target.branch("expression/a", commit);
    await target.rest("a branch below another one", "POST", `${target.at}/git/refs`, {
      ref: "refs/heads/expression/a/b",
      sha: commit,
    });
    await target.rest("a branch above another one", "POST", `${target.at}/git/refs`, {
      ref: "refs/heads/expression",
      sha: commit,
    });
    const variables = { owner: target.service.owner, name: target.repository };
    for (const expression of [
      "expression/a",
      "expression/a:",
      "expression/a:dir",
      "expression/a:dir/a.txt",
      "expression/a:dir/a.txt/",
      "expression/a:module",
      "expression/a:missing",
      "missing:",
      "HEAD",
      "HEAD:",
      "HEAD:dir",
      "",
      ":",
      "refs/heads/expression/a:dir",
      "heads/expression/a",
    ])
      await target.graphql(`expression ${JSON.stringify(expression)}`, OBJECT, { ...variables, expression });
    await target.graphql("expression of a commit", OBJECT, { ...variables, expression: `${commit}:dir` });
  },
};
