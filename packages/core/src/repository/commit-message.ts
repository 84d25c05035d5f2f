/** A commit message in the form of GitHub's GraphQL API. */
export interface CommitMessage {
  readonly headline: string;
  readonly body: string;
}

const TRAILER_LINE = /^[A-Za-z][A-Za-z0-9-]*: \S/;

/** Returns the message with a trailer as its last line: in its last paragraph if that has only trailers, otherwise in a new one. */
export function withTrailer(message: string, trailer: string): string {
  const text = message.trimEnd();
  const paragraphs = text.split(/\n{2,}/);
  const last = paragraphs.at(-1) ?? "";
  const endsWithTrailers = paragraphs.length > 1 && last.split("\n").every((line) => TRAILER_LINE.test(line));
  return `${text}${endsWithTrailers ? "\n" : "\n\n"}${trailer}`;
}

/** Splits a message into its first line and the rest. GitHub joins them with an empty line. */
export function splitMessage(message: string): CommitMessage {
  const [headline = "", ...rest] = message.trim().split("\n");
  return { headline: headline.trim(), body: rest.join("\n").trim() };
}
