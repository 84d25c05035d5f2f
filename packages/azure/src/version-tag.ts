/** What Azure says of a file, in a listing or beside its content, as far as it tells versions apart. */
export interface FileVersion {
  readonly etag: string | undefined;
  /** Bytes. */
  readonly size: number | undefined;
  readonly lastModified: Date | undefined;
  readonly fileId: string | undefined;
  readonly lastWriteTime: Date | undefined;
  readonly changeTime: Date | undefined;
}

/**
 * A text that is another one whenever the content may have changed, or `null` when Azure gave no etag, without which the
 * rest proves nothing. The etag alone is not enough: writers over SMB may be ahead of it until they close the file, and a
 * path whose file was replaced by a restored one has the etag of then.
 */
export function versionTag(version: FileVersion): string | null {
  const { etag, size } = version;
  if (etag === undefined || etag === "" || size === undefined) return null;
  return partsOf(version).join("|");
}

/** Whether a version is the one that was listed with this tag; what only one of both knows does not count. */
export function isVersion(tag: string, version: FileVersion): boolean {
  if (versionTag(version) === null) return false;
  const listed = tag.split("|");
  return partsOf(version).every((part, index) => part === "" || listed[index] === "" || part === listed[index]);
}

/**
 * Whether a file was written to so shortly ago that a writer over SMB may not be done with it. Times far ahead were set
 * by hand and say nothing.
 *
 * @param now Azure's own time, so that clocks need not agree.
 * @param seconds how long a file needs to settle.
 */
export function isSettling(version: FileVersion, now: Date, seconds: number): boolean {
  if (seconds === 0) return false;
  const { lastModified, lastWriteTime, changeTime } = version;
  const isRecent = (time: Date | undefined): boolean =>
    time !== undefined && Math.abs(now.getTime() - time.getTime()) < seconds * 1_000;
  return [lastModified, lastWriteTime, changeTime].some(isRecent);
}

function partsOf({ etag, size, lastModified, fileId, lastWriteTime, changeTime }: FileVersion): readonly string[] {
  return [
    (etag ?? "").replaceAll(/^W\/|["|]/g, ""),
    `${size ?? ""}`,
    fileId ?? "",
    timeText(lastModified),
    timeText(lastWriteTime),
    timeText(changeTime),
  ];
}

function timeText(time: Date | undefined): string {
  const milliseconds = time?.getTime() ?? Number.NaN;
  return Number.isNaN(milliseconds) ? "" : `${milliseconds}`;
}
