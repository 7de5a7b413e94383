import type { ComponentChildren } from 'preact';
import { signed } from '../../../src/core/reports/export/words.ts';
import type { TraceSummary } from '../../../src/core/run-data/summary.ts';
import { TRACE_FIELDS, type TraceField } from '../../../src/core/run-data/fields.ts';
import { withoutOpening } from './openings.ts';
import { Verdict } from './verdict.tsx';
import { fixed } from '../../../src/core/decimals.ts';

export interface Column extends TraceField {
  /** A CSS length: what it has at least, and where it does not grow, also at most. */
  width: string;
  /** Its part of what is left. */
  grow?: number;
  /** @param openings how questions of the list begin, where many begin alike */
  show: (row: TraceSummary, openings: readonly string[]) => ComponentChildren;
}

const NONE = <span class="quiet">–</span>;

const plain = (value: number) => fixed(value, 3);

const number = (value: number | null) => (value === null ? NONE : plain(value));

/** A number, and how much of 1 it is. */
function withBar(value: number | null) {
  if (value === null) return NONE;
  return (
    <span class="measure">
      <span class="bar" style={{ '--share': Math.min(Math.max(value, 0), 1) }} />
      {plain(value)}
    </span>
  );
}

const percent = (value: number) => `${Math.round(100 * value)} %`;

const LOOKS: Partial<Record<Column['name'], Pick<Column, 'width' | 'grow' | 'show'>>> = {
  verdict: { width: 'var(--verdict)', show: ({ verdict }) => <Verdict verdict={verdict} /> },
  question: {
    width: '76px',
    grow: 1,
    show: ({ question }, openings) => <bdi>{withoutOpening(question, openings)}</bdi>,
  },
  answer: { width: '80px', grow: 0.4, show: ({ answer }) => <bdi>{answer}</bdi> },
  sample: { width: '110px', grow: 0.5, show: ({ sample }) => <bdi>{sample}</bdi> },
  reward: { width: 'var(--measure)', show: ({ reward }) => withBar(reward) },
  reward_mirror: { width: 'var(--measure)', show: ({ reward_mirror }) => withBar(reward_mirror) },
  reward_std: { width: '64px', show: ({ reward_std }) => number(reward_std) },
  delta: { width: '64px', show: ({ delta }) => (delta === null ? NONE : signed(delta)) },
  format: { width: '70px', show: ({ format }) => number(format) },
  semantic: { width: '70px', show: ({ semantic }) => number(semantic) },
  exact_match: { width: '70px', show: ({ exact_match }) => number(exact_match) },
  numeric: { width: '70px', show: ({ numeric }) => number(numeric) },
  graph: { width: '60px', show: ({ graph }) => (graph === null ? NONE : percent(graph)) },
  iou: { width: '70px', show: ({ iou }) => number(iou) },
  accuracy: { width: '56px', show: ({ accuracy }) => percent(accuracy) },
  truncated: { width: '60px', show: ({ truncated }) => percent(truncated) },
  kept: { width: '92px', show: ({ kept }) => (kept ? '✓ kept' : '✕ dropped') },
  length: { width: '60px', show: ({ length }) => Math.round(length).toLocaleString('en') },
  step: { width: '52px', show: ({ step }) => step.toLocaleString('en') },
  pair: { width: '46px', show: ({ pair }) => pair },
};

/** Every property of a pair as a column. */
export const COLUMNS: readonly Column[] = TRACE_FIELDS.map((field) => ({
  ...field,
  width: '84px',
  show: (row) => {
    const value = row[field.name];
    return value === null ? NONE : <bdi>{String(value).replaceAll('_', ' ')}</bdi>;
  },
  ...LOOKS[field.name],
}));

/** What is shown until somebody chooses: an evaluation has no steps and no rewards. */
export const DEFAULT_COLUMNS: Record<'traces' | 'evaluation', readonly Column['name'][]> = {
  traces: ['verdict', 'step', 'reward', 'question', 'answer'],
  evaluation: ['verdict', 'accuracy', 'question', 'answer'],
};
