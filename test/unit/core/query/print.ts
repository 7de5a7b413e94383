import {
  asLiteral,
  quoted,
  type Filter,
  type Property,
  type Value,
} from '../../../../src/core/query/filter-tokens.ts';

/** Writes a filter so that it reads as this very tree. */
export function printFilter(filter: Filter, properties: readonly Property[]): string {
  const value = (v: Value) => (typeof v === 'string' ? asLiteral(v) : String(v));
  const isName = (text: string) => properties.some(({ name }) => name === text);
  const print = (f: Filter): string => {
    switch (f.kind) {
      case 'all':
        return '';
      case 'and':
      case 'or':
        return f.parts.map(inner).join(` ${f.kind} `);
      case 'not':
        return `not ${inner(f.part)}`;
      case 'compare':
        return `${f.property} ${f.comparison} ${value(f.value)}`;
      case 'in':
        return `${f.property} in (${f.values.map(value).join(', ')})`;
      case 'text':
        return isName(f.text) ? quoted(f.text) : asLiteral(f.text);
    }
  };
  const inner = (f: Filter) => (f.kind === 'and' || f.kind === 'or' ? `(${print(f)})` : print(f));
  return print(filter);
}
