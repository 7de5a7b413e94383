import {
  COMPARISONS,
  FilterError,
  asLiteral,
  propertyNamed,
  tokenize,
  type Property,
  type Token,
} from './filter-tokens.ts';
import { isComparison, keywordOf } from './parse.ts';

export interface Completion {
  /** Text that replaces the filter text between `from` and `to`. */
  text: string;
  kind: 'property' | 'comparison' | 'value' | 'keyword';
  doc: string;
}

export interface Completions {
  from: number;
  to: number;
  items: Completion[];
}

const KEYWORDS: Record<string, string> = {
  and: 'Both conditions match.',
  or: 'At least one condition matches.',
  not: 'Negates the next condition.',
};

const COMPARISON_DOCS: Record<string, string> = {
  '=': 'equal, ignoring case',
  '!=': 'not equal',
  '<': 'smaller',
  '<=': 'smaller or equal',
  '>': 'larger',
  '>=': 'larger or equal',
  contains: 'contains the text, ignoring case',
  in: 'equal to one value of a list: in (a, b)',
};

/**
 * Returns the completions at the cursor: first the entries that begin with the word at the cursor, then the entries
 * that contain the word. Never throws.
 */
export function completeFilter(text: string, cursor: number, properties: readonly Property[]): Completions {
  const before = tokensBefore(text.slice(0, cursor));
  const nothing = { from: cursor, to: cursor, items: [] };
  if (!before) return nothing;
  const last = before.at(-1);
  const word = last?.kind === 'word' && last.to === cursor ? last : undefined;
  if (word) before.pop();
  if (last?.kind === 'string' && last.to === cursor) return nothing;
  const from = word?.from ?? cursor;
  const to = cursor + /^[^\s"'()=<>≠≤≥~!,&|]*/u.exec(word ? text.slice(cursor) : '')![0].length;
  const prefix = (word?.text ?? '').toLowerCase();
  const items = candidates(before, properties).filter((item) => item.text.toLowerCase().includes(prefix));
  const rank = (item: Completion) => Number(!item.text.toLowerCase().startsWith(prefix));
  return { from, to, items: items.sort((a, b) => rank(a) - rank(b)) };
}

/** Returns the tokens before the cursor; null inside a quoted string. */
function tokensBefore(text: string): Token[] | null {
  try {
    return tokenize(text);
  } catch (error) {
    if (error instanceof FilterError) return null;
    throw error;
  }
}

/** Returns the possible completions after a list of tokens. */
function candidates(before: readonly Token[], properties: readonly Property[]): Completion[] {
  const find = (token: Token | undefined) =>
    token?.kind === 'word' ? propertyNamed(token.text, properties) : undefined;
  const last = before.at(-1);
  if (isComparison(last)) return valuesOf(find(before.at(-2)));
  const list = openList(before);
  if (list) return last?.kind === '(' || last?.kind === ',' ? valuesOf(find(list)) : [];
  const property = isComparison(before.at(-2)) ? undefined : find(last);
  if (property)
    return [...comparisonsOf(property), ...(property.type === 'flag' ? keywords('and', 'or') : [])];
  if (last && last.kind !== '(' && keywordOf(last) === undefined) return keywords('and', 'or');
  return [
    ...properties.map(({ name, doc }): Completion => ({ text: name, kind: 'property', doc })),
    ...keywords('not'),
  ];
}

/** Returns the token of the property before an unclosed list `in (…`. */
function openList(before: readonly Token[]): Token | undefined {
  const open = before.findLastIndex(({ kind }) => kind === '(' || kind === ')');
  if (before[open]?.kind !== '(' || keywordOf(before[open - 1]) !== 'in') return undefined;
  const negated = keywordOf(before[open - 2]) === 'not';
  return before[open - (negated ? 3 : 2)];
}

function valuesOf(property: Property | undefined): Completion[] {
  if (!property) return [];
  const values = property.type === 'flag' ? ['true', 'false'] : (property.values ?? []).map(asLiteral);
  return [...values, 'null'].map((text) => ({ text, kind: 'value', doc: property.name }));
}

const comparisonsOf = ({ type }: Property): Completion[] =>
  [...COMPARISONS[type], 'in'].map((text) => ({ text, kind: 'comparison', doc: COMPARISON_DOCS[text]! }));

const keywords = (...words: string[]): Completion[] =>
  words.map((text) => ({ text, kind: 'keyword', doc: KEYWORDS[text]! }));
