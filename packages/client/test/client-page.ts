import { fileURLToPath } from "node:url";
import type { Follow, GitHubClient, GitHubClientOptions } from "@infrajet/github-client";
import { build } from "esbuild";
import { type Browser, chromium, type Page } from "playwright-core";
import { chromiumPath } from "../../../.ci/chromium.js";

/** The path of an installed Chromium; `null` where the tests are skipped. */
export const CHROMIUM = chromiumPath();

/** The names that the page has besides those of the browser. */
export interface ClientWindow {
  readonly createGitHubClient: (options?: GitHubClientOptions) => GitHubClient;
  github: GitHubClient;
  follow: Follow;
  /** The states of the connection and the types and syncs of the messages, in order. */
  seen: string[];
}

/** Starts Chromium. */
export function openBrowser(): Promise<Browser> {
  // The sandbox needs rights that containers and root do not give.
  return chromium.launch({ executablePath: CHROMIUM ?? "", args: ["--no-sandbox"] });
}

/** Opens the empty page of a host, with the client as published to browsers. */
export async function openClientPage(browser: Browser, origin: string): Promise<Page> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("../src/index.ts", import.meta.url))],
    bundle: true,
    format: "iife",
    globalName: "client",
    platform: "browser",
    target: "es2022",
    write: false,
  });
  const page = await browser.newPage();
  await page.goto(new URL("/page", origin).href);
  await page.addScriptTag({ content: `${outputFiles[0]?.text}\nObject.assign(window, client);` });
  return page;
}
