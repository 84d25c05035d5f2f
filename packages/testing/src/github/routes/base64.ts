/** Base64 as GitHub sends it: lines of 60 characters, each with a line feed. */
export function base64Lines(content: Buffer): string {
  return (content.toString("base64").match(/.{1,60}/g) ?? []).map((line) => `${line}\n`).join("");
}

/** Reads base64 (RFC 4648; line breaks allowed). Undefined when it is none. */
export function decodeBase64(text: string): Buffer | undefined {
  const compact = text.replace(/[\r\n]/g, "");
  const isValid = /^[A-Za-z0-9+/]*={0,2}$/.test(compact) && compact.length % 4 !== 1;
  return isValid ? Buffer.from(compact, "base64") : undefined;
}
