import type { Completion, TracedCompletion, TracedPair } from '../../src/core/run-data/trace.ts';

/** Pair in the format of `read_pair`, which omits fields without a value. The card shows only this format. */
export interface PairRecord
  extends
    Pick<TracedPair, 'step' | 'pair' | 'sample'>,
    Partial<Pick<TracedPair, 'verdict' | 'delta' | 'penalised' | 'effect' | 'kept' | 'why'>> {
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

interface ViewRecord {
  view: string;
  question: string;
  answer?: string;
  completions: number;
  group: CompletionRecord[];
}

type CompletionRecord = Partial<TracedCompletion> & Pick<Completion, 'segments'> & { i: number };

/** Returns the pair in a result; null if the result contains other content, for example a single completion. */
export function pairIn(answer: unknown): PairRecord | null {
  const record = answer as Partial<PairRecord> | null | undefined;
  const isPair = Array.isArray(record?.views) && record.views.every(({ group }) => Array.isArray(group));
  return isPair && typeof record?.pair === 'number' ? (record as PairRecord) : null;
}

/** Returns a completion with null for missing values. */
export const completionOf = (given: CompletionRecord): TracedCompletion => ({
  answer_text: null,
  right: null,
  rewards: {},
  penalty: null,
  reward: null,
  advantage: null,
  ...given,
});
