import { createHash } from "node:crypto";
import type { Session } from "../control/identity-settings.js";
import { Html, type HtmlValue, html } from "./html.js";

/** The content of a page. */
export interface PageContent {
  /** Defaults to 200. */
  status?: number;
  /** Title of the window and first heading. */
  title: string;
  /** Defaults to no content below the heading. */
  body?: HtmlValue;
  /** The session, for the name of the user in the header. */
  session?: Session | undefined;
}

const STYLE = `
:root { color-scheme: light; }
body { margin: 0; font: 14px/1.5 system-ui, sans-serif; color: #1f2328; background: #f6f8fa; }
header { display: flex; gap: 16px; align-items: center; padding: 12px 24px; background: #24292f; color: #fff; }
header a { color: #fff; font-weight: 600; }
header form { margin-left: auto; }
main { max-width: 980px; margin: 24px auto; padding: 0 16px; }
h1 { font-size: 22px; } h2 { font-size: 16px; margin-top: 24px; }
a { color: #0969da; text-decoration: none; } a:hover { text-decoration: underline; }
.box { background: #fff; border: 1px solid #d0d7de; border-radius: 6px; padding: 16px; margin: 12px 0; }
.box > p:first-child { margin-top: 0; } .box > p:last-child { margin-bottom: 0; }
.narrow { max-width: 460px; margin-left: auto; margin-right: auto; }
table { border-collapse: collapse; width: 100%; background: #fff; border: 1px solid #d0d7de; }
td, th { padding: 6px 12px; border-top: 1px solid #d0d7de; text-align: left; vertical-align: top; }
td.number { text-align: right; color: #57606a; white-space: nowrap; }
pre { margin: 0; overflow-x: auto; font: 12px/1.6 ui-monospace, monospace; }
code { font: 12px ui-monospace, monospace; background: #eaeef2; padding: 2px 4px; border-radius: 4px; }
.add { background: #dafbe1; } .remove { background: #ffebe9; } .hunk { color: #57606a; background: #ddf4ff; }
.line { display: block; min-height: 1.6em; padding: 0 8px; }
.muted { color: #57606a; } .label { border: 1px solid #d0d7de; border-radius: 12px; padding: 1px 8px; font-size: 12px; }
button { font: inherit; padding: 5px 16px; border: 1px solid #d0d7de; border-radius: 6px; background: #f6f8fa; cursor: pointer; }
button.primary { background: #1f883d; border-color: #1f883d; color: #fff; font-weight: 600; }
button.danger { color: #cf222e; }
input[type="text"], select, textarea { font: inherit; padding: 5px 8px; border: 1px solid #d0d7de; border-radius: 6px; box-sizing: border-box; width: 100%; }
label { display: block; margin: 4px 0; } form.inline { display: inline; }
`;

const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Returns a page of the web site. It has no scripts. */
export function webPage({ status = 200, title, body, session }: PageContent): Response {
  const user =
    session === undefined
      ? html`<form action="/login"><button>Sign in</button></form>`
      : html`<form method="post" action="/logout"><input type="hidden" name="authenticity_token" value="${session.formToken}"><a href="/${session.user.login}">${session.user.login}</a> <button>Sign out</button></form>`;
  const document = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title} · GitHub box</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<header><a href="/">GitHub box</a>${user}</header>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`;
  const headers = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
  };
  return new Response(document.text, { status, headers });
}
