/** A commit message as GitHub's GraphQL API takes it. */
export interface CommitMessage {
  readonly headline: string;
  readonly body: string;
}

const TRAILER_LINE = /^[A-Za-z][A-Za-z0-9-]*: \S/;

/** The message with a trailer as its last line: in the paragraph of its trailers when it ends with one, else in one of its own. */
export function withTrailer(message: string, trailer: string): string {
  const text = message.trimEnd();
  const paragraphs = text.split(/\n{2,}/);
  const last = paragraphs.at(-1) ?? "";
  const endsWithTrailers = paragraphs.length > 1 && last.split("\n").every((line) => TRAILER_LINE.test(line));
  return `${text}${endsWithTrailers ? "\n" : "\n\n"}${trailer}`;
}

/** Parts a message into its first line and the rest, which GitHub joins again with an empty line between them. */
export function splitMessage(message: string): CommitMessage {
  const [headline = "", ...rest] = message.trim().split("\n");
  return { headline: headline.trim(), body: rest.join("\n").trim() };
}
