// Builds every package: `npm run build`. Plain Node, so that nothing has to be installed globally.
import { buildTask, packages, runTasks } from "./tasks.mjs";

const failed = await runTasks(packages.map(buildTask));
process.exit(failed.length === 0 ? 0 : 1);
