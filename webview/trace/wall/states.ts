import { OUTCOME_WORDS } from '../../../src/core/metrics/outcome.ts';
import { VERDICT_WORDS } from '../../../src/core/reports/export/words.ts';
import { RELATION_LABELS, type Relation } from '../../../src/core/run-data/relation.ts';
import type { Partners, WallGroup, WallState } from '../../../src/core/run-data/wall.ts';

interface StateWords {
  /** A few characters, so that colour is not the only sign. */
  sign: string;
  label: string;
}

const OF_VIEWS: Record<WallState, StateWords> = {
  both: { sign: '●●', label: 'both views right' },
  first: { sign: '●○', label: 'only the original' },
  second: { sign: '○●', label: 'only the mirror' },
  neither: { sign: '○○', label: 'neither' },
  unknown: { sign: '–', label: 'a single view, or not judged' },
};
const OF_PARTNERS: Record<WallState, StateWords> = {
  ...OF_VIEWS,
  second: { sign: '○●', label: 'only the other view' },
};
const OF_ROWS: Record<WallState, StateWords> = {
  ...OF_VIEWS,
  both: { sign: '●', label: 'right' },
  neither: { sign: '○', label: 'wrong' },
  unknown: { sign: '–', label: 'not judged' },
};
const OF_MODELS: Record<WallState, StateWords> = {
  both: { sign: 'A B', label: 'A and B right' },
  first: { sign: 'A –', label: 'only A right' },
  second: { sign: '– B', label: 'only B right' },
  neither: { sign: '– –', label: 'A and B wrong' },
  unknown: { sign: '?', label: 'not in B' },
};

/** The words for who is right: the two views of a pair, a row without a partner, or two evaluations. */
export function wordsFor(compared: boolean, partners: Partners): Record<WallState, StateWords> {
  if (compared) return OF_MODELS;
  return partners === null ? OF_ROWS : partners === 'mirrors' ? OF_VIEWS : OF_PARTNERS;
}

export const GROUP_LABELS: Record<WallGroup, string> = {
  relation: 'relation',
  place: 'position in the picture',
  verdict: 'who is right',
  outcome: 'who is right, A or B',
  set: 'set',
  task: 'task',
};

const PLACE_LABELS: Record<string, string> = {
  left: 'left third',
  middle: 'middle third',
  right: 'right third',
};

/** The heading of a group. */
export function groupLabel(group: WallGroup, value: string | null): string {
  if (value === null)
    return {
      relation: 'no relation named',
      place: 'position not known',
      outcome: 'not in B',
      verdict: 'without another view',
      set: 'traces',
      task: 'task not known',
    }[group];
  if (group === 'relation') return RELATION_LABELS[value as Relation] ?? value;
  if (group === 'place') return PLACE_LABELS[value] ?? value;
  if (group === 'verdict') return VERDICT_WORDS[value as keyof typeof VERDICT_WORDS]?.label ?? value;
  if (group === 'outcome') return OUTCOME_WORDS[value as keyof typeof OUTCOME_WORDS] ?? value;
  return value;
}
