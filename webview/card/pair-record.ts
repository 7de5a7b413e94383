import type { Completion, TracedCompletion } from '../../src/core/run-data/trace.ts';

/** Pair in the format of `read_pair`. The card shows only this format. */
export interface PairRecord {
  run: string;
  step: number;
  pair: number;
  evaluation?: string;
  sample: string;
  verdict: string | null;
  delta?: number | null;
  penalised?: string | null;
  effect?: string | null;
  kept?: boolean | null;
  why?: string | null;
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
  answer: string | null;
  completions: number;
  group: CompletionRecord[];
}

interface CompletionRecord {
  i: number;
  text: string;
  read?: string;
  right: boolean | null;
  rewards?: Record<string, number | null>;
  penalty?: number | null;
  reward?: number | null;
  advantage?: number | null;
  cut_off?: boolean;
}

/** Returns the pair in a result; null if the result contains other content, for example a single completion. */
export function pairIn(answer: unknown): PairRecord | null {
  const record = answer as Partial<PairRecord> | null | undefined;
  const isPair = Array.isArray(record?.views) && record.views.every(({ group }) => Array.isArray(group));
  return isPair && typeof record?.pair === 'number' ? (record as PairRecord) : null;
}

/** Returns a completion in the format of the panel's cards. */
export const completionOf = ({ text, read, right, cut_off }: CompletionRecord): Completion => ({
  segments: [{ stage: 'answer', text, stop_reason: cut_off ? 'length' : 'end' }],
  answer_text: read ?? null,
  right,
});

/** Returns a completion with its rewards; null if it has no rewards. */
export function earnedOf(record: CompletionRecord): TracedCompletion | null {
  if (record.rewards === undefined) return null;
  const { penalty = 0, reward = null, advantage = null } = record;
  const rewards = Object.entries(record.rewards).flatMap(([name, value]) =>
    value === null ? [] : [[name, { value, why: null }] as const],
  );
  return { ...completionOf(record), rewards: Object.fromEntries(rewards), penalty, reward, advantage };
}
