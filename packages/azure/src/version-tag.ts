/** The properties of a file that identify its version, from a listing or a download. */
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
 * Returns a text that differs whenever the content may have changed, or `null` without an etag. The etag alone is not enough:
 * it may not change until an SMB writer closes the file, and a restored file has its old etag.
 */
export function versionTag(version: FileVersion): string | null {
  const { etag, size } = version;
  if (etag === undefined || etag === "" || size === undefined) return null;
  return partsOf(version).join("|");
}

/** True when a version equals the one with this tag. Ignores properties that only one of both has. */
export function isVersion(tag: string, version: FileVersion): boolean {
  if (versionTag(version) === null) return false;
  const listed = tag.split("|");
  return partsOf(version).every((part, index) => part === "" || listed[index] === "" || part === listed[index]);
}

/**
 * True when a file was written so recently that an SMB writer may still have it open. Ignores times far in the future, which
 * were set manually.
 *
 * @param now Azure's time, so that clocks need not agree
 * @param seconds the quiet period
 */
export function isInQuietPeriod(version: FileVersion, now: Date, seconds: number): boolean {
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
