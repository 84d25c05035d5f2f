/** A part of a text that a rule recognized as a secret. */
export interface Match {
  /** The name of the rule. */
  readonly rule: string;
  /** The position of the first character. */
  readonly start: number;
}

/** Searches a part of a file. */
export type Rule = (part: { readonly path: string; readonly text: string }) => Iterable<Match>;
