import type { RecordedPair, TracedCompletion, TrainedPair } from '../../src/core/run-data/trace.ts';

/** Pair in the format of `read_pair`, with null for the values that the tool omits. */
export interface PairRecord extends Omit<TrainedPair, 'views' | 'kind'> {
  kind: RecordedPair['kind'];
  run: string;
  evaluation?: string;
  views: ViewRecord[];
  boxes?: Record<string, BoxRecord[]>;
  notes?: string[];
}

/** Box in pixels of the image that was sent. */
export interface BoxRecord {
  label: string;
  box: [number, number, number, number];
}

type ViewRecord = Omit<TrainedPair['views'][number], 'group'> & {
  completions: number;
  group: (TracedCompletion & { i: number })[];
};

const NO_VALUES = { verdict: null, delta: null, penalised: null, effect: null, kept: null, why: null };
const NO_REWARDS = {
  answer_text: null,
  right: null,
  rewards: {},
  penalty: null,
  reward: null,
  advantage: null,
};

/** Returns the pair in a result; null if the result contains other content, for example a single completion. */
export function pairIn(answer: unknown): PairRecord | null {
  const record = answer as PairRecord | null | undefined;
  const isPair = Array.isArray(record?.views) && record.views.every(({ group }) => Array.isArray(group));
  if (!isPair || typeof record.pair !== 'number') return null;
  const views = record.views.map((view) => ({
    ...view,
    answer: view.answer ?? null,
    group: view.group.map((completion) => ({ ...NO_REWARDS, ...completion })),
  }));
  return { ...NO_VALUES, ...record, views };
}
