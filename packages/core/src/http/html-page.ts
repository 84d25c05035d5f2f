import { createHash } from "node:crypto";
import type { RouteReply } from "./route.js";

const STYLE = `:root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}
body{max-width:40rem;margin:4rem auto;padding:0 1rem}
h1{font-size:1.5rem}
button{font:inherit;padding:.5rem 1rem;border:0;border-radius:.4rem;background:#1f883d;color:#fff;cursor:pointer}`;
// `form-action` is left out: browsers apply it to redirects too, such as those to an organization's identity provider.
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** HTML text that is safe to insert into a page. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A template tag for HTML. It escapes every value that is not {@link Html}. */
export function html(texts: TemplateStringsArray, ...values: readonly (string | Html | readonly Html[])[]): Html {
  return new Html(
    texts.map((text, index) => `${text}${index < values.length ? toHtml(values[index] ?? "") : ""}`).join(""),
  );
}

/** Returns a page that loads nothing, runs no script and cannot be framed. */
export function htmlPage(title: string, body: Html): Pick<RouteReply, "headers" | "html"> {
  const page = html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${new Html(STYLE)}</style></head>
<body>
<h1>${title}</h1>
${body}
</body>
</html>
`;
  return {
    headers: {
      "content-security-policy": POLICY,
      "x-content-type-options": "nosniff",
      // GitHub gets the origin of the form, and never the query, which can contain a token or a code.
      "referrer-policy": "strict-origin",
    },
    html: page.text,
  };
}

function toHtml(value: string | Html | readonly Html[]): string {
  if (value instanceof Html) return value.text;
  return typeof value === "string" ? escapeText(value) : value.map(({ text }) => text).join("");
}

function escapeText(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
