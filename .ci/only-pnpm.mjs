// Runs before a package is packed. Fails for npm and yarn, which keep the protocol `workspace:` in the manifest: such a package
// cannot be installed. The checks of .ci/check.mjs that only look at the files set INFRAJET_PACK. Plain Node, no dependency.
import process from "node:process";

const { npm_config_user_agent: agent = "", INFRAJET_PACK: isCheck } = process.env;
if (!agent.startsWith("pnpm/") && isCheck === undefined) {
  console.error("Pack and publish with pnpm: npx pnpm@10.34.9 pack");
  process.exitCode = 1;
}
