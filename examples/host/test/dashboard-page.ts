import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from "playwright-core";
import { expect } from "vitest";
import { chromiumPath } from "../../../.ci/chromium.js";

/** The path of an installed Chromium; `null` where the tests are skipped. */
export const CHROMIUM = chromiumPath();

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Starts Chromium. */
export function openBrowser(): Promise<Browser> {
  // The sandbox needs rights that containers and root do not give.
  return chromium.launch({ executablePath: CHROMIUM ?? "", args: ["--no-sandbox"] });
}

/** The dashboard in a browser. Every test uses it as a user does: by names of buttons, links and fields. */
export class DashboardPage {
  readonly page: Page;
  /** Errors of the page's scripts and policy. */
  readonly errors: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on("pageerror", ({ message }) => this.errors.push(message));
    page.on("console", (message) => {
      // Chromium reports each response with an error status as well.
      const isResponse = message.text().startsWith("Failed to load resource");
      if (message.type() === "error" && !isResponse) this.errors.push(message.text());
    });
  }

  static async open(browser: Browser, address: string, options: BrowserContextOptions = {}): Promise<DashboardPage> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      reducedMotion: "reduce",
      ...options,
    });
    const page = new DashboardPage(await context.newPage());
    await page.page.goto(address);
    return page;
  }

  /** Opens a page by its link in the navigation. */
  async visit(name: string): Promise<void> {
    await this.page.getByRole("navigation").getByRole("link", { name }).click();
    await this.page.getByRole("heading", { level: 1, name }).waitFor({ state: "attached" });
  }

  async click(name: string | RegExp): Promise<void> {
    await this.page.getByRole("button", { name }).click();
  }

  /** Chooses a value of a list, by the keyboard. */
  async choose(label: string, value: string): Promise<void> {
    const field = this.page.getByRole("combobox", { name: label });
    await field.click();
    await field.fill(value);
    await this.page.getByRole("option", { name: value }).waitFor();
    await field.press("ArrowDown");
    await field.press("Enter");
    expect(await field.inputValue()).toBe(value);
  }

  /** Previews the changes of the form, and returns the panel with the plan. */
  async preview(): Promise<Locator> {
    await this.click("Preview changes");
    const panel = this.page.getByRole("region", { name: "Changes" });
    await panel.getByRole("heading", { name: /Planned changes|Everything is in sync/ }).waitFor();
    return panel;
  }

  /** Starts the previewed sync, and waits until the page shows its end. */
  async sync(end = "Synced"): Promise<void> {
    await this.click("Sync now");
    await this.heading(end).waitFor();
  }

  /** Returns the text of the page that a link opens. */
  async textBehind(link: string | RegExp): Promise<string> {
    const href = await this.page.getByRole("link", { name: link }).first().getAttribute("href");
    const opened = await this.page.context().newPage();
    await opened.goto(href ?? "");
    const text = await opened.textContent("body");
    await opened.close();
    return text ?? "";
  }

  /**
   * Stores a picture of the window, in light and dark, in the folder that INFRAJET_SCREENSHOTS names. Without it, stores nothing.
   */
  async screenshot(name: string): Promise<void> {
    const folder = process.env.INFRAJET_SCREENSHOTS;
    if (!folder) return;
    for (const colorScheme of ["light", "dark"] as const) {
      await this.page.emulateMedia({ colorScheme });
      await this.page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) });
    }
    await this.page.emulateMedia({ colorScheme: null });
  }

  heading(name: string | RegExp): Locator {
    return this.page.getByRole("heading", { name });
  }

  /** Fails with the faults that axe finds on the page, such as missing labels or low contrast. */
  async expectAccessible(): Promise<void> {
    await this.page.evaluate(axe);
    const found: unknown = await this.page.evaluate(
      'axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ target, failureSummary }) => [String(target), failureSummary])]))',
    );
    expect(found, this.page.url()).toEqual([]);
  }

  /** Fails when the page is wider than the window. */
  async expectNoOverflow(): Promise<void> {
    const width = await this.page.evaluate("document.documentElement.scrollWidth - window.innerWidth");
    expect(width, this.page.url()).toBeLessThanOrEqual(0);
  }
}
