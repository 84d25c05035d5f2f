/** HTML that is safe to send: markup of the box, in which all values are escaped. */
export class Html {
  constructor(readonly text: string) {}
}

/** A value in {@link html}. Text is escaped; `undefined` and `false` are omitted. */
export type HtmlValue = Html | string | number | undefined | false | readonly HtmlValue[];

/** Tags a template of HTML and escapes its values. Attribute values must be quoted. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(strings.map((part, index) => part + (index < values.length ? toText(values[index]) : "")).join(""));
}

function toText(value: HtmlValue): string {
  if (value === undefined || value === false) return "";
  if (value instanceof Html) return value.text;
  if (typeof value === "object") return value.map(toText).join("");
  return escapeText(String(value));
}

function escapeText(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
