// Finds the browser in which tests open pages.
import { existsSync } from "node:fs";
import process from "node:process";

/** The paths of Chromium and Chrome on Debian, Ubuntu and macOS. */
const PATHS = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/**
 * Returns the path of an installed Chromium; `null` where tests of pages are skipped. INFRAJET_TEST_CHROMIUM names another path.
 *
 * @throws Error when INFRAJET_TEST_CHROMIUM names a file that does not exist, so that CI does not skip the tests
 */
export function chromiumPath(): string | null {
  const expected = process.env.INFRAJET_TEST_CHROMIUM;
  if (!expected) return PATHS.find((path) => existsSync(path)) ?? null;
  if (existsSync(expected)) return expected;
  throw new Error(`INFRAJET_TEST_CHROMIUM: ${expected} does not exist. Install Chromium, or unset the variable.`);
}
