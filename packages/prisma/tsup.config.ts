import { packageBuild } from "../../.ci/package-build.js";

export default packageBuild({
  index: "src/index.ts",
  database: "src/database/index.ts",
  cli: "src/cli/main.ts",
});
