/** Maximum size in bytes of `text`. GitHub truncates longer text. */
const TEXT_LIMIT = 512_000;

/** Returns the fields that only blobs have. */
export function blobFields(content: Buffer): Record<string, unknown> {
  const isBinary = content.subarray(0, 8000).includes(0) || !isUtf8(content);
  const isTruncated = !isBinary && content.length > TEXT_LIMIT;
  return {
    byteSize: content.length,
    isBinary,
    isTruncated,
    text: isBinary ? null : content.subarray(0, TEXT_LIMIT).toString(),
  };
}

function isUtf8(content: Buffer): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(content);
    return true;
  } catch {
    return false;
  }
}
