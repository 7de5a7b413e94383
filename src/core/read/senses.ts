import { Pattern } from './patterns.ts';
import { RulesBeside } from './rules.ts';
import type { Token } from './tokens.ts';
import { LEFT_SENSES, RIGHT_SENSES, type Sense, type SenseRow } from './words/senses.ts';

export { WEIGHT, type Sense } from './words/senses.ts';

interface Observation extends Omit<SenseRow, 'patterns'> {
  pattern: Pattern;
}

const beside = (rows: readonly SenseRow[]): Observation[] =>
  rows.flatMap(({ patterns, ...row }) =>
    patterns.map((source) => ({ ...row, pattern: new Pattern(source) })),
  );

const LEFT = new RulesBeside(beside(LEFT_SENSES));
const RIGHT = new RulesBeside(beside(RIGHT_SENSES));

/** The observations that apply to a single *left* or *right*. */
export function observations(tokens: readonly Token[], at: number): Observation[] {
  return (tokens[at]!.lower.startsWith('l') ? LEFT : RIGHT).at(tokens, at);
}

/** `undecided`: no observation applies. `contested`: two readings have equal weight. */
export interface DecidedSense {
  reading: Sense | 'undecided' | 'contested';
  rule: string;
}

/** Decides by the observations of greatest weight, if they agree. */
export function weigh(found: readonly Observation[]): DecidedSense {
  const heaviest = Math.max(...found.map((o) => o.weight));
  const [first, ...others] = found.filter((o) => o.weight === heaviest);
  if (!first) return { reading: 'undecided', rule: 'undecided' };
  if (others.some((o) => o.reading !== first.reading)) return { reading: 'contested', rule: 'contested' };
  return { reading: first.reading, rule: first.rule };
}
