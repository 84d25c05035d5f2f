import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig, type MarkdownEnv, type MarkdownRenderer, type SiteConfig } from "vitepress";

const docs = fileURLToPath(new URL("..", import.meta.url));
const root = join(docs, "..");
const { repository }: { repository: string } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** The pages in the order of the sidebar: its sections, and the title and file of each page. */
const SECTIONS: readonly { text: string; pages: readonly (readonly [title: string, page: string])[] }[] = [
  {
    text: "Start",
    pages: [
      ["Start in five minutes", "start"],
      ["How a sync decides", "how-a-sync-decides"],
      ["Resolve conflicts", "resolve-conflicts"],
    ],
  },
  {
    text: "Build",
    pages: [
      ["Set up GitHub", "setup"],
      ["Mount the endpoints", "mount"],
      ["Authenticate users", "authenticate-users"],
      ["Call the endpoints from a browser", "client"],
      ["Store connections and syncs", "stores"],
      ["Read project files", "project-files"],
      ["Keep a project and a branch in step", "link-projects"],
      ["Follow syncs live", "realtime"],
      ["Test without GitHub", "testing"],
    ],
  },
  {
    text: "Run",
    pages: [
      ["Operate a host", "operations"],
      ["Scale out", "scaling"],
      ["Security", "security"],
      ["Troubleshoot", "troubleshoot"],
      ["Migrate from per-file pushes", "migrate"],
      ["Compare", "compare"],
    ],
  },
  {
    text: "Reference",
    pages: [
      ["Errors", "errors"],
      ["Options", "options"],
    ],
  },
  {
    text: "Contribute",
    pages: [
      ["Architecture", "architecture"],
      ["Decisions", "decisions/README"],
      ["Compare the double with GitHub", "live-check"],
    ],
  },
];

/** Points links that leave `docs/` to the repository on GitHub. Fails when the file does not exist. */
function linkToRepository(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push("link-to-repository", ({ tokens, env }) => {
    const page = join(docs, (env as MarkdownEnv).relativePath);
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.attrGet("href") ?? "";
      if (token.type !== "link_open" || /^(#|[a-z]+:|\/)/.test(href)) continue;
      const [path = "", hash] = href.split("#");
      const target = resolve(dirname(page), path);
      const fromDocs = relative(docs, target);
      if (!fromDocs.startsWith("..") && fromDocs.endsWith(".md")) continue;
      if (!existsSync(target)) throw new Error(`${page}: the link ${href} leads to a file that does not exist.`);
      const kind = statSync(target).isDirectory() ? "tree" : "blob";
      const inRepository = relative(root, target).split("\\").join("/");
      token.attrSet("href", `${repository}/${kind}/main/${inRepository}${hash === undefined ? "" : `#${hash}`}`);
    }
  });
}

/** Renders Mermaid diagrams as text that the theme replaces by a drawing. */
function renderMermaid(markdown: MarkdownRenderer): void {
  const fence = markdown.renderer.rules.fence;
  markdown.renderer.rules.fence = (tokens, index, ...rest) => {
    const token = tokens[index];
    if (token?.info.trim() !== "mermaid") return fence?.(tokens, index, ...rest) ?? "";
    return `<pre class="mermaid" v-pre>${markdown.utils.escapeHtml(token.content)}</pre>`;
  };
}

/** Writes the list of pages for language models. @see https://llmstxt.org */
function writeLlmsText({ outDir }: SiteConfig): void {
  const pages = SECTIONS.flatMap(({ text, pages }) => [
    `## ${text}`,
    "",
    ...pages.map(([title, page]) => `- [${title}](/${page.replace("README", "index")}.html)`),
    "",
  ]);
  const intro = "# Infrajet GitHub SDK\n\n> Sync projects to GitHub branches from any TypeScript backend.\n\n";
  writeFileSync(join(outDir, "llms.txt"), `${intro}${pages.join("\n")}`);
  const texts = SECTIONS.flatMap(({ pages }) =>
    pages.map(([, page]) => readFileSync(join(docs, `${page}.md`), "utf8")),
  );
  writeFileSync(join(outDir, "llms-full.txt"), texts.join("\n\n"));
}

export default defineConfig({
  title: "Infrajet GitHub SDK",
  description: "Sync projects to GitHub branches from any TypeScript backend.",
  lang: "en-US",
  cleanUrls: false,
  srcExclude: [".vitepress/**"],
  rewrites: { "decisions/README.md": "decisions/index.md" },
  markdown: {
    config: (markdown) => {
      linkToRepository(markdown);
      renderMermaid(markdown);
    },
  },
  themeConfig: {
    search: { provider: "local" },
    socialLinks: [{ icon: "github", link: repository }],
    nav: [
      { text: "Start", link: "/start" },
      { text: "Errors", link: "/errors" },
      { text: "API", link: "/api/index.html", target: "_self" },
      { text: "Changelog", link: `${repository}/releases` },
    ],
    sidebar: SECTIONS.map(({ text, pages }) => ({
      text,
      items: pages.map(([title, page]) => ({ text: title, link: `/${page.replace(/README$/, "")}` })),
    })),
    outline: [2, 3],
  },
  buildEnd: writeLlmsText,
});
