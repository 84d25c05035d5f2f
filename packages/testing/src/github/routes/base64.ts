/** Encodes base64 in GitHub's format: lines of 60 characters, each with a line feed. */
export function base64Lines(content: Buffer): string {
  return (content.toString("base64").match(/.{1,60}/g) ?? []).map((line) => `${line}\n`).join("");
}

/** Decodes base64 (RFC 4648) with optional line breaks. Returns `undefined` when it is invalid. */
export function decodeBase64(text: string): Buffer | undefined {
  const compact = text.replace(/[\r\n]/g, "");
  const isValid = /^[A-Za-z0-9+/]*={0,2}$/.test(compact) && compact.length % 4 !== 1;
  return isValid ? Buffer.from(compact, "base64") : undefined;
}
