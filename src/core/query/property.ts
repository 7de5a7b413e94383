/** A property of a row that a filter can use. The caller defines which exist. */
export interface Property {
  name: string;
  /** `choice` is one of `values`; `flag` is true or false. Any of them may be null. */
  type: 'number' | 'text' | 'choice' | 'flag';
  /** One sentence for completion lists and documentation. */
  doc: string;
  /** For a choice, all possible values; for a text, values to suggest. */
  values?: readonly string[];
}

/** A literal of a filter. */
export type Value = number | string | boolean | null;

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'contains';

/** A filter as a tree. `and` and `or` have at least two parts, none of the same kind. */
export type Filter =
  | { kind: 'all' }
  | { kind: 'and' | 'or'; parts: Filter[] }
  | { kind: 'not'; part: Filter }
  | { kind: 'compare'; property: string; comparison: Comparison; value: Value }
  | { kind: 'in'; property: string; values: Value[] }
  /** Holds if the row's texts contain the text, ignoring case. */
  | { kind: 'text'; text: string };

/** A mistake in a filter: UTF-16 columns from 0, the end exclusive. */
export class FilterError extends Error {
  constructor(
    message: string,
    readonly from: number,
    readonly to: number,
    /** A replacement for the text between `from` and `to`. */
    readonly suggestion: string | null = null,
  ) {
    super(message);
  }
}

/** A comparison of something that is no property. */
export class UnknownProperty extends FilterError {}
