import { packageBuild } from "../../.ci/package-build.js";

export default packageBuild({
  index: "src/index.ts",
  conformance: "src/conformance/index.ts",
  contract: "src/contract/index.ts",
});
