import type { ComponentChildren } from 'preact';
import { fixed, signed, thousands, percentText, percentsText } from '../../../src/base/format.ts';
import { VERDICT_WORDS } from '../../../src/core/pairs/pair-words.ts';
import type { ListedPair } from '../../../src/core/run-data/trace-summary.ts';
import { ownFields, TRACE_FIELDS } from '../../../src/core/run-data/trace-fields.ts';
import type { Verdict as VerdictName } from '../../../src/core/answers/pair-verdict.ts';
import type { GridColumn } from '../../ui/grid.tsx';
import { inEnglish } from '../../../src/core/worlds/questions/in-english.ts';

type Field = (typeof TRACE_FIELDS)[number];

export interface Column extends Omit<GridColumn, 'type'>, Pick<Field, 'type' | 'of'> {
  /** Displays a row in the column. */
  show: (row: ListedPair) => ComponentChildren;
}

/** Returns the value of a field of a pair, including `ownFields`; null if the pair lacks the field. */
export const fieldOf = (row: ListedPair, { name }: { name: string }) =>
  (row as unknown as Record<string, string | number | boolean | null>)[name] ?? null;

const NONE = <span class="quiet">–</span>;

const plain = (value: number) => fixed(value, 3);

/** Returns a number, with a bar that shows the number as a share of 1. */
const withBar = (value: number) => (
  <span class="measure">
    <span class="bar" style={{ '--share': Math.min(Math.max(value, 0), 1) }} />
    {plain(value)}
  </span>
);

interface ColumnStyle extends Pick<Column, 'width' | 'grow'> {
  /** Displays a number, if the field needs more than plain text. */
  number?: (value: number) => ComponentChildren;
  show?: Column['show'];
}

const COLUMN_STYLES: Partial<Record<Field['name'], ColumnStyle>> = {
  verdict: { width: 'var(--verdict)', show: ({ verdict }) => <Verdict verdict={verdict} /> },
  question: {
    width: '76px',
    grow: 1,
    show: ({ question }) => <bdi>{inEnglish(question)}</bdi>,
  },
  answer: { width: '76px', grow: 0.4, show: ({ answer }) => (answer === null ? NONE : <bdi>{answer}</bdi>) },
  sample: { width: '110px', grow: 0.5, show: ({ sample }) => <bdi>{sample}</bdi> },
  reward: { width: 'var(--measure)', number: withBar },
  reward_mirror: { width: 'var(--measure)', number: withBar },
  reward_std: { width: '64px', number: plain },
  delta: { width: '64px', number: (value) => signed(value) },
  graph: { width: '68px', number: percentText },
  accuracy: {
    width: '68px',
    show: ({ accuracy, accuracy_most: most }) =>
      accuracy === null ? NONE : percentsText([accuracy, most ?? accuracy]),
  },
  accuracy_most: { width: '68px', number: percentText },
  truncated: { width: '68px', number: percentText },
  kept: {
    width: '92px',
    show: ({ kept }) => (kept === null ? NONE : kept ? '✓ kept' : '✕ dropped'),
  },
  length: { width: '60px', number: (value) => thousands(Math.round(value)) },
  step: { width: '48px', number: (value) => thousands(value) },
  pair: { width: '46px', number: String },
};

const REWARD: ColumnStyle = { width: '70px', number: plain };

/** Columns for all properties of a pair. */
export const COLUMNS: readonly Column[] = TRACE_FIELDS.map((field) => {
  const { number, ...look }: ColumnStyle =
    COLUMN_STYLES[field.name] ?? (field.of === 'rewards' ? REWARD : { width: '84px' });
  const show: Column['show'] = (row) => {
    const value = fieldOf(row, field);
    if (value === null) return NONE;
    return number ? number(Number(value)) : <bdi>{String(value).replaceAll('_', ' ')}</bdi>;
  };
  return { ...field, show, ...look };
});

export const ownColumns = (keys: readonly string[]): Column[] =>
  ownFields(keys).map((field) => ({
    ...field,
    ...REWARD,
    show: (row) => {
      const value = fieldOf(row, field);
      return value === null ? NONE : plain(Number(value));
    },
  }));

/** Columns that the list shows by default. Evaluations have neither steps nor rewards. */
export const DEFAULT_COLUMNS: Record<'traces' | 'evaluation', readonly Field['name'][]> = {
  traces: ['verdict', 'step', 'reward', 'question', 'answer'],
  evaluation: ['verdict', 'accuracy', 'question', 'answer'],
};

export const verdictLabel = (verdict: VerdictName | null): string =>
  verdict === null ? 'no mirror' : (VERDICT_WORDS[verdict]?.label ?? verdict);

/** Sign and word for an outcome. Without space for the word, screen readers and the tooltip still contain the word. */
function Verdict({ verdict }: { verdict: VerdictName | null }) {
  const label = verdictLabel(verdict);
  return (
    <span class="verdict" title={label}>
      <span class="sign" aria-hidden="true">
        {verdict === null ? '–' : (VERDICT_WORDS[verdict]?.sign ?? '?')}
      </span>
      <span class="verdict-name">{label}</span>
    </span>
  );
}
