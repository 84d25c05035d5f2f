import { browserPackageBuild } from "../../.ci/package-build.js";

export default browserPackageBuild({ index: "src/index.ts" });
