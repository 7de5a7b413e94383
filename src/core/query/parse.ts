import { nearest } from '../../base/problem.ts';
import {
  FilterError,
  UnknownProperty,
  propertyNamed,
  quoted,
  readComparison,
  readValue,
  tokenize,
  type Filter,
  type Property,
  type Token,
} from './filter-tokens.ts';

const KEYWORDS = ['and', 'or', 'not', 'in', 'contains'];
const MAX_DEPTH = 100;

export const isKeyword = (word: string): boolean => KEYWORDS.includes(word.toLowerCase());

/** Returns the keyword of a token in lower case; undefined if the token is no keyword. */
export const keywordOf = (token: Token | undefined): string | undefined => {
  const word = token?.kind === 'word' ? token.text.toLowerCase() : '';
  return isKeyword(word) ? word : undefined;
};

/** Whether a token is a comparison operator, which compares the property before it. */
export const isComparison = (token: Token | undefined): boolean =>
  token?.kind === 'operator' || keywordOf(token) === 'contains';

/**
 * Parses a filter (docs/reference.md): comparisons of properties, and bare words or quoted strings to search for,
 * joined by `and` (optional), `or`, `not` and parentheses.
 * @throws only FilterError, whatever the text is.
 */
export function parseFilter(text: string, properties: readonly Property[]): Filter {
  const parser = new Parser(tokenize(text), text.length, properties);
  return parser.filter();
}

/** Returns the first mistake in a filter; null without mistakes. */
export function checkFilter(text: string, properties: readonly Property[]): FilterError | null {
  try {
    parseFilter(text, properties);
    return null;
  } catch (error) {
    return error as FilterError;
  }
}

class Parser {
  private at = 0;
  private depth = 0;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly end: number,
    private readonly properties: readonly Property[],
  ) {}

  filter(): Filter {
    if (this.tokens.length === 0) return { kind: 'all' };
    const filter = this.or();
    const rest = this.peek();
    if (rest?.kind === ')') throw new FilterError('Unmatched closing parenthesis.', rest.from, rest.to);
    if (rest) throw this.unexpected();
    return filter;
  }

  private or(): Filter {
    const parts = [this.and()];
    while (keywordOf(this.peek()) === 'or') {
      this.at += 1;
      parts.push(this.and());
    }
    return join('or', parts);
  }

  private and(): Filter {
    const parts = [this.unary()];
    for (let next = this.peek(); next && next.kind !== ')' && next.kind !== ','; next = this.peek()) {
      const keyword = keywordOf(next);
      if (keyword === 'or') break;
      if (keyword === 'and') this.at += 1;
      parts.push(this.unary());
    }
    return join('and', parts);
  }

  private unary(): Filter {
    this.depth += 1;
    try {
      return this.operand();
    } finally {
      this.depth -= 1;
    }
  }

  private operand(): Filter {
    const token = this.peek();
    if (!token) throw new FilterError('The filter lacks a comparison at the end.', this.end, this.end);
    if (this.depth > MAX_DEPTH)
      throw new FilterError('The filter is nested too deeply.', token.from, token.to);
    const keyword = keywordOf(token);
    if (keyword === 'not') {
      this.at += 1;
      return { kind: 'not', part: this.unary() };
    }
    if (token.kind === '(') {
      this.at += 1;
      const inner = this.or();
      this.close(token);
      return inner;
    }
    if (token.kind !== 'string' && (token.kind !== 'word' || keyword)) throw this.unexpected();
    this.at += 1;
    if (token.kind === 'string') return { kind: 'text', text: token.text };
    return this.comparison(token);
  }

  /** Parses an expression that begins with a bare word: a comparison, a flag, or a word to search for. */
  private comparison(word: Token): Filter {
    const property = this.properties.find(({ name }) => name === word.text);
    const next = this.peek();
    if (isComparison(next)) {
      this.at += 1;
      const field = this.compared(word);
      const comparison = readComparison(next!, field);
      return {
        kind: 'compare',
        property: field.name,
        comparison,
        value: readValue(this.value(), field, comparison, this.properties),
      };
    }
    const negated = keywordOf(next) === 'not' && keywordOf(this.tokens[this.at + 1]) === 'in';
    if (negated || keywordOf(next) === 'in') {
      this.at += negated ? 2 : 1;
      const list: Filter = this.list(this.compared(word));
      return negated ? { kind: 'not', part: list } : list;
    }
    if (property?.type === 'flag')
      return { kind: 'compare', property: property.name, comparison: '=', value: true };
    if (!property) return { kind: 'text', text: word.text };
    throw new FilterError(
      `"${word.text}" is a field and requires a comparison. To search for the word, put it in quotes.`,
      word.from,
      word.to,
      quoted(word.text),
    );
  }

  private list(property: Property): Filter {
    const open = this.peek();
    if (open?.kind !== '(') {
      const place = open ?? { from: this.end, to: this.end };
      throw new FilterError('Expected a list in parentheses, for example in (a, b).', place.from, place.to);
    }
    this.at += 1;
    const values = [readValue(this.value(), property, '=')];
    while (this.peek()?.kind === ',') {
      this.at += 1;
      values.push(readValue(this.value(), property, '='));
    }
    this.close(open);
    return { kind: 'in', property: property.name, values };
  }

  private value(): Token {
    const token = this.peek();
    if (!token) throw new FilterError('The filter lacks a value at the end.', this.end, this.end);
    if (token.kind !== 'word' && token.kind !== 'string') throw this.unexpected();
    this.at += 1;
    return token;
  }

  private close(open: Token): void {
    const token = this.peek();
    if (token && token.kind !== ')') throw this.unexpected();
    if (!token) throw new FilterError('Unclosed parenthesis.', open.from, open.to);
    this.at += 1;
  }

  private compared({ text, from, to }: Token): Property {
    const property = propertyNamed(text, this.properties);
    if (property) return property;
    const names = this.properties.map(({ name }) => name);
    const near = nearest(text, names) ?? null;
    const help = near ? `Did you mean "${near}"?` : `Choose from ${names.join(', ')}.`;
    throw new UnknownProperty(`Field "${text}" does not exist. ${help}`, from, to, near);
  }

  private unexpected(): FilterError {
    const { text, from, to } = this.peek()!;
    return new FilterError(`Unexpected "${text}".`, from, to);
  }

  private peek(): Token | undefined {
    return this.tokens[this.at];
  }
}

/** Combines parts of a filter. Returns a single part unchanged, and merges nested parts of the same kind. */
function join(kind: 'and' | 'or', parts: Filter[]): Filter {
  const flat = parts.flatMap((part) => (part.kind === kind ? part.parts : part));
  return flat.length === 1 ? flat[0]! : { kind, parts: flat };
}
