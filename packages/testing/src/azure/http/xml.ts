/** The start of every XML body, with Azure's byte order mark. */
export const XML_HEAD = '\uFEFF<?xml version="1.0" encoding="utf-8"?>';

// biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 forbids these characters
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/** Returns an element with text; an empty one has Azure's form `<Name />`. */
export function element(name: string, text: string): string {
  return text === "" ? `<${name} />` : `<${name}>${escapeText(text)}</${name}>`;
}

/** Returns an element with XML as content. */
export function wrap(name: string, inner: string): string {
  return inner === "" ? `<${name} />` : `<${name}>${inner}</${name}>`;
}

/** Returns an attribute with a leading space. */
export function attribute(name: string, value: string): string {
  return ` ${name}="${escapeText(value).replaceAll('"', "&quot;")}"`;
}

/** True when a text has characters that XML cannot represent, so that Azure percent-encodes it. */
export function isUnfitForXml(text: string): boolean {
  return NOT_XML.test(text);
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
