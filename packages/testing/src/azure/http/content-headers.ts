import type { ContentHeaders, StoredFile } from "../storage/stored-item.js";

/** Reads the content headers that a request sets on a file. */
export function requestedContentHeaders(headers: Headers): ContentHeaders {
  const value = <K extends keyof ContentHeaders>(key: K, name: string) => {
    const text = headers.get(name);
    return text === null ? {} : { [key]: text };
  };
  return {
    type: headers.get("x-ms-content-type") ?? "application/octet-stream",
    ...value("encoding", "x-ms-content-encoding"),
    ...value("language", "x-ms-content-language"),
    ...value("cacheControl", "x-ms-cache-control"),
    ...value("disposition", "x-ms-content-disposition"),
    ...value("md5", "x-ms-content-md5"),
  };
}

/** Returns a file's content headers. Responses to range requests use another name for the stored MD5. */
export function contentHeaders(
  { contentHeaders: stored }: StoredFile,
  md5: "Content-MD5" | "x-ms-content-md5",
): Record<string, string> {
  const headers: Record<string, string> = { "Content-Type": stored.type };
  if (stored.encoding !== undefined) headers["Content-Encoding"] = stored.encoding;
  if (stored.language !== undefined) headers["Content-Language"] = stored.language;
  if (stored.cacheControl !== undefined) headers["Cache-Control"] = stored.cacheControl;
  if (stored.disposition !== undefined) headers["Content-Disposition"] = stored.disposition;
  if (stored.md5 !== undefined) headers[md5] = stored.md5;
  return headers;
}
