import { FilterError } from './property.ts';

export interface Token {
  kind: 'word' | 'string' | 'operator' | '(' | ')' | ',';
  /** The word, the operator in its canonical spelling, or the text between the quotes. */
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

/** A word may contain any character without another meaning: ids like `set/row-3`, numbers, percentages. */
const TOKEN =
  /\s*(?:(?<operator>[=!<>]=|<>|&&|\|\||[=<>≠≤≥~!])|(?<bracket>[(),])|(?<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<word>[^\s"'()=<>≠≤≥~!,&|][^\s"()=<>≠≤≥~!,&|]*)|(?<odd>\S))/suy;

/** @throws FilterError at a quote that is not closed, or a lone `&` or `|`. */
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
        ? new FilterError('This quote is not closed.', from, text.length)
        : new FilterError(`Write ${odd === '&' ? '"and"' : '"or"'}.`, from, to, odd === '&' ? 'and' : 'or');
    }
  }
  return tokens;
}

/** Quotes a text so that it is read as one token with exactly this text. */
export const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
