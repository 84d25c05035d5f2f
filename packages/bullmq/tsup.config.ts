import { packageBuild } from "../../.ci/package-build.js";

export default packageBuild({ index: "src/index.ts" });
