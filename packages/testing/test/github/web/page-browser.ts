import type { GitHubBox } from "../../../src/index.js";

/** A page, or a redirect to another site. */
export interface Visit {
  status: number;
  /** URL of the page, or of the other site. */
  url: URL;
  headers: Headers;
  html: string;
}

/** A browser without scripts: keeps cookies, follows redirects within the site and submits forms. */
export class PageBrowser {
  private cookie = "";

  constructor(
    private readonly box: GitHubBox,
    private readonly origin = "https://github.com",
  ) {}

  /** Opens a path or URL. */
  open(path: string, form?: URLSearchParams): Promise<Visit> {
    return this.send(new URL(path, this.origin), form);
  }

  /** Submits the first form of a page that has a button with this text, with the values of its fields. */
  submit({ html, url }: Visit, button: string, fields: Record<string, string | string[]> = {}): Promise<Visit> {
    const forms = [...html.matchAll(/<form([^>]*)>([\s\S]*?)<\/form>/g)];
    const form = forms.find(([, , content = ""]) => content.includes(`>${button}</button>`));
    if (form === undefined) throw new Error(`${url} has no form with the button ${button}`);
    const [, attributes = "", content = ""] = form;
    const values = new URLSearchParams();
    for (const [, name = "", value = ""] of content.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)) {
      values.append(name, unescapeHtml(value));
    }
    for (const [, name = "", value = "", text] of content.matchAll(
      /<button[^>]*?name="([^"]*)" value="([^"]*)"[^>]*>([^<]*)</g,
    )) {
      if (text === button) values.append(name, unescapeHtml(value));
    }
    for (const [field, given] of Object.entries(fields)) for (const text of [given].flat()) values.append(field, text);
    const action = unescapeHtml(/action="([^"]*)"/.exec(attributes)?.[1] ?? url.pathname);
    return this.send(new URL(action, url), attributes.includes('method="post"') ? values : undefined);
  }

  /** Signs a user in. */
  async signIn(login: string): Promise<void> {
    await this.open("/login", new URLSearchParams({ login }));
  }

  private async send(url: URL, form: URLSearchParams | undefined): Promise<Visit> {
    const headers = { accept: "text/html,application/xhtml+xml,*/*;q=0.8", cookie: this.cookie };
    const init = form === undefined ? { headers } : { method: "POST", headers, body: form };
    const response = await this.box.fetch(new Request(url, { ...init, redirect: "manual" }));
    const cookie = response.headers.get("set-cookie");
    if (cookie !== null) this.cookie = cookie.split(";", 1)[0] ?? "";
    const location = response.headers.get("location");
    if (location === null) {
      return { status: response.status, url, headers: response.headers, html: await response.text() };
    }
    const target = new URL(location, url);
    if (target.origin === url.origin) return this.send(target, undefined);
    return { status: response.status, url: target, headers: response.headers, html: "" };
  }
}

function unescapeHtml(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}
