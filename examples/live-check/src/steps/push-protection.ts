import type { Step } from "../step.js";

// The parts are joined here, so that no scanner takes this file for a leak. GitHub documents the pattern for tests.
const PATTERN = ["secret_scanning", "ab85fc6f8d7638cf1c11da812da308d43", "abcde"].join("_");

/** Writes a text that push protection refuses, and finds the request at which it does. */
export const pushProtection: Step = {
  number: 8,
  title: "push protection",
  skip: ({ hasPushProtection }) => (hasPushProtection ? null : "push protection is not available for the repository"),
  run: async (target) => {
    const head = await target.head("main");
    await target.branch("secret", head);
    const blob = { content: PATTERN, encoding: "utf-8" };
    const created = await target.rest("blob", "POST", `${target.at}/git/blobs`, blob);
    const entry = { path: "secret.txt", mode: "100644", type: "blob", content: PATTERN };
    const tree = { base_tree: head, tree: [entry] };
    const inline = await target.rest("tree with content", "POST", `${target.at}/git/trees`, tree);
    target.settle("Push protection at a blob", `status ${created.status}`);
    target.settle("Push protection at a tree with content", `status ${inline.status}`);
    await target.rest("contents", "PUT", `${target.at}/contents/secret.txt`, {
      message: "secret",
      branch: "secret",
      content: Buffer.from(PATTERN).toString("base64"),
    });
  },
};
