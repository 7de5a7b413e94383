import { taskLabel } from '../../../src/base/labels.ts';
import { outcomeWords } from '../../../src/core/metrics/outcome.ts';
import { EFFECT_WORDS, VERDICT_WORDS, WHY_WORDS } from '../../../src/core/pairs/pair-words.ts';
import { relationLabel } from '../../../src/core/run-data/relation.ts';
import type { Partners, WallGroup, WallState, WallStates } from '../../../src/panels/trace/wall.contract.ts';

const STATES: WallStates = ['both', 'first', 'second', 'neither', 'unknown'];

interface StateWords {
  /** Short sign for the state, so that colour is not the only difference. */
  sign: string;
  label: string;
}

const OF_VIEWS: Record<WallState, StateWords> = {
  both: VERDICT_WORDS.consistent,
  first: VERDICT_WORDS.only_original,
  second: VERDICT_WORDS.only_mirror,
  neither: VERDICT_WORDS.neither,
  unknown: { sign: '–', label: 'single view or not scored' },
};
const OF_PARTNERS: Record<WallState, StateWords> = { ...OF_VIEWS, second: VERDICT_WORDS.only_view };
const OF_ROWS: Record<WallState, StateWords> = {
  ...OF_VIEWS,
  both: { sign: '●', label: 'correct' },
  neither: { sign: '○', label: 'wrong' },
  unknown: { sign: '–', label: 'not scored' },
};
const OF_MODELS: Record<WallState, StateWords> = {
  both: { sign: 'A B', label: 'A and B correct' },
  first: { sign: 'A –', label: 'only A correct' },
  second: { sign: '– B', label: 'only B correct' },
  neither: { sign: '– –', label: 'A and B wrong' },
  unknown: { sign: '?', label: 'row not in B' },
};

/**
 * Returns labels for the states, in the order of `states` of a grid. The states describe the two views of a pair, a row
 * without a partner, or two evaluations.
 */
export function wallStates(compared: boolean, partners: Partners): (StateWords & { state: WallState })[] {
  const alone = partners === null ? OF_ROWS : partners === 'mirrors' ? OF_VIEWS : OF_PARTNERS;
  const words = compared ? OF_MODELS : alone;
  return STATES.map((state) => ({ state, ...words[state] }));
}

const GROUP_LABELS: Record<WallGroup, string> = {
  relation: 'relation',
  verdict: 'outcome',
  outcome: 'outcome of A and B',
  set: 'evaluation set',
  task: 'task',
};

/** Returns the fields that can group the grid of a list, with their labels. */
export function wallGroups(
  ofEvaluation: boolean,
  compared: boolean,
  partners: Partners | undefined,
): [field: WallGroup, label: string][] {
  const hasNone: Partial<Record<WallGroup, boolean>> = {
    set: !ofEvaluation,
    task: !ofEvaluation,
    verdict: partners === null,
    outcome: !compared,
  };
  const groups = Object.entries(GROUP_LABELS) as [WallGroup, string][];
  return groups.filter(([field]) => !hasNone[field]);
}

/** Labels of the values of a property; `null` for pairs without a value. */
const VALUE_LABELS: Record<string, Partial<Record<string, string>>> = {
  relation: { null: 'no relation in question' },
  outcome: { ...outcomeWords(), null: 'row not in B' },
  verdict: {
    ...Object.fromEntries(Object.entries(VERDICT_WORDS).map(([verdict, { label }]) => [verdict, label])),
    null: 'single view',
  },
  set: { null: 'traces' },
  task: { null: 'unknown task' },
  kept: { true: 'used for training', false: 'dropped' },
  why: WHY_WORDS,
  effect: EFFECT_WORDS,
  error: { format: 'unparsed', graph: 'wrong scene graph', answer: 'wrong despite correct scene graph' },
};

/** Returns the words for a value of a property: the heading of a group, or the meaning of the value in a filter. */
export const valueLabel = (field: string, value: string | null): string =>
  VALUE_LABELS[field]?.[String(value)] ??
  (field === 'relation' ? relationLabel(value!) : field === 'task' ? taskLabel(value!) : (value ?? ''));
