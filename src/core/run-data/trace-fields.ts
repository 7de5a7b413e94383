import { VERDICTS } from '../answers/pair-verdict.ts';
import { TASKS } from '../answers/score.ts';
import { EFFECTS } from '../rewards/advantages.ts';
import { KEEP_REASONS } from '../rewards/dynamic-sampling.ts';
import { ERROR_CAUSES } from '../evaluation/error-causes.ts';
import { OUTCOMES } from '../metrics/outcome.ts';
import { REWARDS, REWARD_NAMES, type RewardName } from '../rewards/rewards.ts';
import { RELATIONS } from './relation.ts';
import type { EvaluatedSummary, TraceSummary, TrainedSummary } from './trace-summary.ts';
import { completeFilter, type Completion, type Completions } from '../query/complete-filter.ts';
import { propertiesOf } from '../query/compile.ts';
import { checkFilter, isKeyword, parseFilter } from '../query/parse.ts';
import { asWord, type FilterError, type Property, type Value } from '../query/filter-tokens.ts';
import { VIEW_IDS } from '../../rows/view-list.ts';

/** Reward parts for filters. In filters, `accuracy` is the accuracy of all answers, by the rules of their tasks. */
type PartName = Exclude<RewardName, 'accuracy'>;

export interface TraceField extends Property {
  name: Exclude<keyof TrainedSummary | keyof EvaluatedSummary, 'kind' | 'rewards'> | PartName;
  /** Heading of the field's column in the list. */
  label: string;
  /** Pairs that have the field: in training, in evaluations, or in training with rewards; absent for all pairs. */
  of?: 'trained' | 'evaluated' | 'rewards';
}

/** Fields for filtering and sorting traced pairs: all fields of their summaries (docs/reference.md). */
export const TRACE_FIELDS: readonly TraceField[] = [
  {
    name: 'verdict',
    label: 'Outcome',
    type: 'choice',
    values: VERDICTS,
    doc: 'Outcome of the pair: views with mostly correct completions. Without a second view, null.',
  },
  {
    name: 'step',
    label: 'Step',
    type: 'number',
    doc: 'Optimiser step. In an evaluation, the step of the checkpoint.',
  },
  { name: 'pair', label: 'Pair', type: 'number', doc: 'Number of the pair within the step, from 0.' },
  {
    name: 'reward',
    of: 'trained',
    label: 'Orig. reward',
    type: 'number',
    doc: "Mean reward of the original's group.",
  },
  {
    name: 'reward_mirror',
    of: 'trained',
    label: 'Mirror reward',
    type: 'number',
    doc: 'Mean reward of the group of the partner view: the mirror, or the other sampled view.',
  },
  {
    name: 'reward_std',
    of: 'trained',
    label: 'Std',
    type: 'number',
    doc: 'Reward std within a group, the larger of both views.',
  },
  {
    name: 'delta',
    of: 'trained',
    label: 'Δ',
    type: 'number',
    doc: 'Difference of mean semantic rewards, original minus partner.',
  },
  {
    name: 'accuracy',
    label: 'Correct',
    type: 'number',
    doc: 'Share of correct completions over all views, 0 to 1. If some completions are not scored, the minimum share.',
  },
  {
    name: 'accuracy_most',
    label: 'Maximum correct',
    type: 'number',
    doc: 'Maximum share of correct completions. If some completions are not scored, this share is above accuracy.',
  },
  ...REWARD_NAMES.filter((name) => name !== 'accuracy').map((name): TraceField => {
    const { column, mean } = REWARDS[name];
    return { name, of: 'rewards', label: column, type: 'number', doc: `Mean of ${mean}.` };
  }),
  {
    name: 'graph',
    label: 'Graph',
    type: 'number',
    doc: 'Share of scene graphs that contain JSON, 0 to 1. If the prompting strategy has no graph stage, null.',
  },
  {
    name: 'error',
    of: 'evaluated',
    label: 'Error',
    type: 'choice',
    values: ERROR_CAUSES,
    doc: 'Cause of a wrong answer in an evaluation: an unparsed answer or graph, a wrong graph, or a graph that the model did not follow.',
  },
  { name: 'length', label: 'Length', type: 'number', doc: 'Mean length of the completions, in characters.' },
  {
    name: 'truncated',
    label: 'Truncated',
    type: 'number',
    doc: 'Share of completions that hit the length limit, 0 to 1.',
  },
  {
    name: 'penalised',
    of: 'trained',
    label: 'Penalised',
    type: 'choice',
    values: VIEW_IDS,
    doc: 'View that the coupling penalised. If the coupling penalised neither view, null.',
  },
  {
    name: 'effect',
    of: 'trained',
    label: 'Effect',
    type: 'choice',
    values: EFFECTS,
    doc: 'Effect of the view penalty on the advantages.',
  },
  { name: 'kept', of: 'trained', label: 'Kept', type: 'flag', doc: 'Whether the training used the pair.' },
  {
    name: 'why',
    of: 'trained',
    label: 'Reason',
    type: 'choice',
    values: KEEP_REASONS,
    doc: 'Reason for keeping or dropping the pair.',
  },
  {
    name: 'logged_by',
    of: 'trained',
    label: 'Logged by',
    type: 'choice',
    values: ['evaluation'],
    doc: 'Source of a pair in an external run: evaluation for pairs from an evaluation, null for training pairs.',
  },
  {
    name: 'views',
    label: 'Views',
    type: 'choice',
    values: ['pair', ...VIEW_IDS],
    doc: 'Views of the pair: pair for original and mirror, otherwise the partner view or the only view.',
  },
  {
    name: 'set',
    of: 'evaluated',
    label: 'Set',
    type: 'text',
    doc: 'Evaluation set. In traces, null.',
  },
  {
    name: 'task',
    of: 'evaluated',
    label: 'Task',
    type: 'choice',
    values: TASKS,
    doc: 'Task of the row in an evaluation. In traces, null.',
  },
  {
    name: 'relation',
    label: 'Relation',
    type: 'choice',
    values: RELATIONS,
    doc: 'Kind of relation in the question.',
  },
  { name: 'sample', label: 'Row', type: 'text', doc: 'Id of the row.' },
  { name: 'question', label: 'Question', type: 'text', doc: 'Question in the original view.' },
  { name: 'answer', label: 'Reference', type: 'text', doc: 'Reference answer to the original question.' },
];

/** Fields that only the editor provides. Their values are from a second evaluation. */
const JOINED_FIELDS: readonly Property[] = [
  {
    name: 'outcome',
    type: 'choice',
    values: OUTCOMES,
    doc: 'Evaluations with all views correct, in a comparison. If the second evaluation lacks the row, null.',
  },
];

/** Fields for filtering and sorting the editor's lists. */
export const LIST_FIELDS: readonly Property[] = [...TRACE_FIELDS, ...JOINED_FIELDS];

/**
 * Returns the fields for a filter of the editor's lists. Without a second evaluation, `outcome` has no value and is the
 * column Outcome (`verdict`), if that is possible.
 */
export function fieldsFor(filter: string, unknown: readonly string[], own: readonly Property[]): Property[] {
  const alone = [...TRACE_FIELDS, ...own];
  const joined = JOINED_FIELDS.some(({ name }) => !unknown.includes(name));
  return joined || checkFilter(filter, alone) !== null ? [...LIST_FIELDS, ...own] : alone;
}

/** A custom reward or metric, or a reward or metric of an external program, as a property for filters (`ownFields`). */
export interface OwnField extends Property {
  /** Name of the custom reward or metric. */
  key: string;
  label: string;
}

/** Maximum number of custom properties. Each property is a column over all pairs. */
const MOST_OWN = 50;

/**
 * Returns the rewards and metrics that are not in `TRACE_FIELDS` as properties. A name that equals a property or a
 * keyword gets a prefix. `_` replaces characters that words in filters cannot contain.
 */
export function ownFields(keys: readonly string[]): OwnField[] {
  const taken = new Set<string>();
  return keys.slice(0, MOST_OWN).map((key) => {
    const word = asWord(key);
    const isTaken = isKeyword(word) || LIST_FIELDS.some(({ name }) => name === word);
    let name = isTaken ? `own.${word}` : word;
    while (taken.has(name)) name += '_';
    taken.add(name);
    const doc = `Mean of ${key} (a custom reward or metric) over all completions.`;
    return { key, name, label: key, type: 'number', doc };
  });
}

/**
 * Returns functions that check and complete filters of a list.
 * @param own rewards and metrics of the list's rows besides the built-in ones (`ownFields`)
 * @param unknown properties without a value in any row, which are not suggested
 * @param occurring values that the rows have, by property (`PairTable.occurring`); no others are suggested
 */
export function filterWriting(
  own: readonly string[],
  unknown: readonly string[],
  occurring: Readonly<Record<string, readonly string[]>> = {},
): {
  mistakeIn: (text: string) => FilterError | null;
  complete: (text: string, cursor: number) => Completions;
  /** Returns a sentence about each field of a valid filter whose values the rows lack or could list. */
  valuesIn: (text: string) => string[];
} {
  const more = ownFields(own);
  const offered = [...LIST_FIELDS, ...more].filter(({ name }) => !unknown.includes(name));
  return {
    mistakeIn: (text) => checkFilter(text, fieldsFor(text, unknown, more)),
    complete: (text, cursor) => {
      const { items, ...place } = completeFilter(text, cursor, offered);
      const occurs = ({ kind, text, doc }: Completion) =>
        kind !== 'value' || occurring[doc]?.includes(text) !== false;
      return { ...place, items: items.filter(occurs) };
    },
    valuesIn: (text) =>
      propertiesOf(parseFilter(text, fieldsFor(text, unknown, more))).flatMap((name) => {
        const values = occurring[name];
        if (unknown.includes(name)) return `"${name}" has no value in this list.`;
        return values ? `Values of "${name}" in this list: ${values.join(', ')}.` : [];
      }),
  };
}

/** Returns the values of a summary for the properties of `ownFields`, by key. */
export function ownValues(summary: TraceSummary): Record<string, number> {
  if (summary.kind === 'evaluated') return summary.metrics ?? {};
  const names: readonly string[] = REWARD_NAMES;
  return Object.fromEntries(Object.entries(summary.rewards).filter(([name]) => !names.includes(name)));
}

/** Returns the value of a field in a summary; null if absent. */
export function valueOf(summary: TraceSummary, { name, of }: TraceField): Value {
  const owner = of === 'rewards' && summary.kind === 'trained' ? summary.rewards : summary;
  return (owner as Partial<Record<string, Value>>)[name] ?? null;
}
