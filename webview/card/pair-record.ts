import type { Completion, TracedCompletion } from '../../src/core/run-data/trace.ts';

/** A pair as `read_pair` answers it. Whatever is not of this form is not shown. */
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

/** A box in pixels of the image that was sent. */
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

/** The pair of an answer; null if it holds none, as where one completion was asked for. */
export function pairIn(answer: unknown): PairRecord | null {
  const record = answer as Partial<PairRecord> | null | undefined;
  const isPair = Array.isArray(record?.views) && record.views.every(({ group }) => Array.isArray(group));
  return isPair && typeof record?.pair === 'number' ? (record as PairRecord) : null;
}

/** A completion as the panel's cards take it. */
export const completionOf = ({ text, read, right, cut_off }: CompletionRecord): Completion => ({
  segments: [{ stage: 'answer', text, stop_reason: cut_off ? 'length' : 'end' }],
  answer_text: read ?? null,
  right,
});

/** The same with its rewards; null if nothing was rewarded. */
export function earnedOf(record: CompletionRecord): TracedCompletion | null {
  if (record.rewards === undefined) return null;
  const { penalty = 0, reward = null, advantage = null } = record;
  const rewards = Object.entries(record.rewards).flatMap(([name, value]) =>
    value === null ? [] : [[name, { value, why: null }] as const],
  );
  return { ...completionOf(record), rewards: Object.fromEntries(rewards), penalty, reward, advantage };
}
