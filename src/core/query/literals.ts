import { nearest } from '../nearest.ts';
import { FilterError, type Comparison, type Property, type Value } from './property.ts';
import { quoted, type Token } from './tokens.ts';

const NUMBER = /^[-+−]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?%?$/i;

/** The comparisons that each type supports. */
export const COMPARISONS: Record<Property['type'], readonly Comparison[]> = {
  number: ['=', '!=', '<', '<=', '>', '>='],
  text: ['=', '!=', 'contains'],
  choice: ['=', '!=', 'contains'],
  flag: ['=', '!='],
};

/** @throws FilterError if the property does not support the comparison. */
export function readComparison(token: Token, { name, type }: Property): Comparison {
  const comparison = token.text.toLowerCase() as Comparison;
  const known = COMPARISONS[type];
  if (known.includes(comparison)) return comparison;
  throw new FilterError(
    `"${name}" is a ${type}: compare it with ${known.join(', ')} or in.`,
    token.from,
    token.to,
    known[0],
  );
}

/**
 * Converts a literal to the property's type: `30%` becomes 0.3, and choices get the spelling of the list. @throws
 * FilterError
 */
export function readValue(token: Token, property: Property, comparison: Comparison): Value {
  const { name, type, values = [] } = property;
  const { text, from, to } = token;
  const bare = token.kind === 'word' ? text.toLowerCase() : null;
  if (bare === 'null') {
    if (comparison === '=' || comparison === '!=') return null;
    throw new FilterError('null is only equal or not equal: use = or !=.', from, to);
  }
  switch (type) {
    case 'number': {
      if (bare === null || !NUMBER.test(bare))
        throw new FilterError(`"${name}" is a number, as in 0.5, −1 or 30%.`, from, to);
      const plain = bare.replace('−', '-');
      const number = plain.endsWith('%') ? Number(plain.slice(0, -1)) / 100 : Number(plain);
      if (!Number.isFinite(number)) throw new FilterError('This number is too large.', from, to);
      return number + 0; // turns −0 into 0
    }
    case 'flag':
      if (bare === 'true' || bare === 'false') return bare === 'true';
      throw new FilterError(`"${name}" is true or false.`, from, to);
    case 'choice': {
      if (comparison === 'contains') return text;
      const known = values.find((value) => value.toLowerCase() === text.toLowerCase());
      if (known !== undefined) return known;
      const near = nearest(text, values) ?? null;
      const help = near ? `Did you mean "${near}"?` : `One of ${values.join(', ')}, null.`;
      throw new FilterError(`"${name}" is never "${text}". ${help}`, from, to, near && asLiteral(near));
    }
    case 'text':
      return text;
  }
}

const RESERVED = /^(?:and|or|not|in|contains|true|false|null)$/i;

/** Writes a text as a literal of a filter: bare if possible, else in quotes. */
export const asLiteral = (text: string): string =>
  /^[\p{L}_][\p{L}\p{N}_.:/-]*$/u.test(text) && !RESERVED.test(text) ? text : quoted(text);
