import { packageBuild } from "../../.ci/package-build.js";

export default packageBuild({
  index: "src/index.ts",
  adapters: "src/adapters/index.ts",
  errors: "src/errors.ts",
  folder: "src/folder/index.ts",
  http: "src/http/index.ts",
  memory: "src/memory/index.ts",
  node: "src/node/index.ts",
});
