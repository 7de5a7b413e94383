import { nearest } from '../../base/problem.ts';

/** A property of rows that a filter can use. The caller of the parser defines the available properties. */
export interface Property {
  name: string;
  /** Heading of the property's column, which filters accept in place of the name. */
  label?: string;
  /** A `choice` is one of `values`; a `flag` is true or false. Any property can be null. */
  type: 'number' | 'text' | 'choice' | 'flag';
  /** Description of the property in one sentence, for completion lists and documentation. */
  doc: string;
  /** All possible values of a choice, or suggested values of a text property. */
  values?: readonly string[];
}

export type Value = number | string | boolean | null;

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'contains';

/** A filter as a tree. The parts of `and` and `or` are at least two, and of another kind. */
export type Filter =
  | { kind: 'all' }
  | { kind: 'and' | 'or'; parts: Filter[] }
  | { kind: 'not'; part: Filter }
  | { kind: 'compare'; property: string; comparison: Comparison; value: Value }
  | { kind: 'in'; property: string; values: Value[] }
  /** Filter that is true if the texts of a row contain the string, ignoring case. */
  | { kind: 'text'; text: string };

/** A mistake in a filter, with its range in UTF-16 columns from 0, the end exclusive. */
export class FilterError extends Error {
  constructor(
    message: string,
    readonly from: number,
    readonly to: number,
    /** Suggested replacement for the text between `from` and `to`. */
    readonly suggestion: string | null = null,
  ) {
    super(message);
  }
}

export class UnknownProperty extends FilterError {}

export interface Token {
  kind: 'word' | 'string' | 'operator' | '(' | ')' | ',';
  /** Text of a token: a word, an operator in its canonical spelling, or a string without its quotes. */
  text: string;
  from: number;
  to: number;
}

/** Canonical spellings of operators from other languages and mathematics. */
const OPERATORS: Record<string, string> = {
  '=': '=',
  '==': '=',
  '!=': '!=',
  '<>': '!=',
  '≠': '!=',
  '<': '<',
  '<=': '<=',
  '≤': '<=',
  '>': '>',
  '>=': '>=',
  '≥': '>=',
  '~': 'contains',
  '&&': 'and',
  '||': 'or',
  '!': 'not',
};

/** A word can contain any character without a special meaning: ids like `set/row-3`, numbers, percentages. */
const TOKEN =
  /\s*(?:(?<operator>[=!<>]=|<>|&&|\|\||[=<>≠≤≥~!])|(?<bracket>[(),])|(?<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<word>[^\s"'()=<>≠≤≥~!,&|][^\s"()=<>≠≤≥~!,&|]*)|(?<odd>\S))/suy;

/** Converts a text to one word of a filter, with `_` in place of characters that words cannot contain. */
export const asWord = (text: string): string => text.replace(/[\s"'()=<>≠≤≥~!,&|]+/gu, '_') || '_';

/** Splits a filter into tokens. @throws FilterError at an unclosed quote, or at a lone `&` or `|`. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
    const { operator, bracket, string, word, odd } = match.groups!;
    const to = TOKEN.lastIndex;
    const token = (kind: Token['kind'], spelled: string, value = spelled) =>
      tokens.push({ kind, text: value, from: to - spelled.length, to });
    if (operator !== undefined) {
      const plain = OPERATORS[operator]!;
      token(/^[a-z]/.test(plain) && plain !== 'contains' ? 'word' : 'operator', operator, plain);
    } else if (bracket !== undefined) token(bracket as '(' | ')' | ',', bracket);
    else if (string !== undefined) token('string', string, string.slice(1, -1).replace(/\\(.)/gsu, '$1'));
    else if (word !== undefined) token('word', word);
    else {
      const from = to - odd!.length;
      throw /["']/.test(odd!)
        ? new FilterError('Unclosed quote.', from, text.length)
        : new FilterError(`Use ${odd === '&' ? '"and"' : '"or"'}.`, from, to, odd === '&' ? 'and' : 'or');
    }
  }
  return tokens;
}

/** Returns the property with a name, or else with a column heading, ignoring case and with `_` for spaces. */
export const propertyNamed = (text: string, properties: readonly Property[]): Property | undefined =>
  properties.find(({ name }) => name === text) ??
  properties.find(({ label }) => label && asWord(label).toLowerCase() === text.toLowerCase());

/** Quotes a string so that a filter parses it as one token with exactly this text. */
export const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

const NUMBER = /^[-+−]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?%?$/i;

export const COMPARISONS: Record<Property['type'], readonly Comparison[]> = {
  number: ['=', '!=', '<', '<=', '>', '>='],
  text: ['=', '!=', 'contains'],
  choice: ['=', '!=', 'contains'],
  flag: ['=', '!='],
};

/** Returns the comparison operator of a token. @throws FilterError if the property does not support it. */
export function readComparison(token: Token, { name, type }: Property): Comparison {
  const comparison = token.text.toLowerCase() as Comparison;
  const allowed = COMPARISONS[type];
  if (allowed.includes(comparison)) return comparison;
  throw new FilterError(
    `"${name}" is a ${type} field. Compare it with ${allowed.join(', ')} or in.`,
    token.from,
    token.to,
    allowed[0],
  );
}

/**
 * Converts a literal to the type of its property: `30%` becomes 0.3, and choices get the spelling in the list of
 * values. @param fields all properties, of which an error names the one that has the value @throws FilterError
 */
export function readValue(
  token: Token,
  property: Property,
  comparison: Comparison,
  fields: readonly Property[] = [],
): Value {
  const { name, type, values = [] } = property;
  const { text, from, to } = token;
  const bare = token.kind === 'word' ? text.toLowerCase() : null;
  if (bare === 'null') {
    if (comparison === '=' || comparison === '!=') return null;
    throw new FilterError('null can only be compared with = or !=.', from, to);
  }
  switch (type) {
    case 'number': {
      if (bare === null || !NUMBER.test(bare))
        throw new FilterError(`"${name}" must be a number, for example 0.5, −1 or 30%.`, from, to);
      const plain = bare.replace('−', '-');
      const number = plain.endsWith('%') ? Number(plain.slice(0, -1)) / 100 : Number(plain);
      if (!Number.isFinite(number))
        throw new FilterError(`${text} is too large. Use a number up to 1e308.`, from, to);
      return number + 0; // Converts −0 to 0.
    }
    case 'flag':
      if (bare === 'true' || bare === 'false') return bare === 'true';
      throw new FilterError(`"${name}" must be true or false.`, from, to);
    case 'choice': {
      if (comparison === 'contains') return text;
      const named = values.find((value) => value.toLowerCase() === text.toLowerCase());
      if (named !== undefined) return named;
      const near = nearest(text, values) ?? null;
      const other = fields.find((field) => field.values?.includes(text));
      const choices = other ? `Use ${other.name} = ${text}.` : `Choose from ${values.join(', ')}, null.`;
      const help = near ? `Did you mean "${near}"?` : choices;
      throw new FilterError(`"${name}" cannot be "${text}". ${help}`, from, to, near && asLiteral(near));
    }
    case 'text':
      return text;
  }
}

const RESERVED = /^(?:and|or|not|in|contains|true|false|null)$/i;

/** Formats a string as a literal of a filter. Adds quotes only if they are necessary. */
export const asLiteral = (text: string): string =>
  /^[\p{L}_][\p{L}\p{N}_.:/-]*$/u.test(text) && !RESERVED.test(text) ? text : quoted(text);
