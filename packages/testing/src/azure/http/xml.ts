/** Azure begins every XML body with a byte order mark. */
export const XML_HEAD = '\uFEFF<?xml version="1.0" encoding="utf-8"?>';

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what XML 1.0 forbids
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/** An element with text in it; `<Name />` for an empty one, as Azure writes it. */
export function element(name: string, text: string): string {
  return text === "" ? `<${name} />` : `<${name}>${escapeText(text)}</${name}>`;
}

/** An element around others, which are XML already. */
export function wrap(name: string, inner: string): string {
  return inner === "" ? `<${name} />` : `<${name}>${inner}</${name}>`;
}

/** An attribute with a blank before it. */
export function attribute(name: string, value: string): string {
  return ` ${name}="${escapeText(value).replaceAll('"', "&quot;")}"`;
}

/** Whether XML cannot hold this text, so that Azure percent-encodes it. */
export function isUnfitForXml(text: string): boolean {
  return NOT_XML.test(text);
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
