import { fixed } from '../../decimals.ts';
import { readCompletion, thinkText } from '../../answers/extract.ts';
import type { Completion, RecordedPair } from '../../run-data/trace.ts';
import { couplingText, keptText, signed, VERDICT_WORDS } from './words.ts';

/** The origin of a pair, for titles. */
export interface PairOrigin {
  run: string;
  /** The evaluation's id; absent for a traced step. */
  source?: string | undefined;
}

/** Returns one line that identifies the pair. */
export function pairTitle({ step, pair, sample }: RecordedPair, { run, source }: PairOrigin): string {
  return source === undefined
    ? `${run}, step ${step}, pair ${pair}: ${sample}`
    : `${run}, evaluation ${source}: ${sample}`;
}

/** Describes in sentences what happened to a pair. */
export function pairSentences(pair: RecordedPair): string[] {
  const verdict = pair.verdict && VERDICT_WORDS[pair.verdict];
  return [
    verdict ? verdict.meaning : null,
    ...(pair.kind === 'trained' ? [couplingText(pair), keptText(pair)] : []),
  ].filter((text) => text !== null);
}

/** What the completions of a view earned, as columns of a table; no columns if there are no rewards. */
export function earnedColumns(
  pair: RecordedPair,
  view: number,
): { heads: string[]; rows: { text: string; why?: string | null | undefined }[][] } {
  if (pair.kind === 'evaluated') return { heads: [], rows: pair.views[view]!.group.map(() => []) };
  const { group } = pair.views[view]!;
  const parts = [...new Set(group.flatMap(({ rewards }) => Object.keys(rewards)))];
  const rows = group.map(({ rewards, penalty, reward, advantage }) => [
    ...parts.map((part) => ({
      text: part in rewards ? fixed(rewards[part]!.value, 3) : '',
      why: rewards[part]?.why,
    })),
    { text: penalty ? `−${penalty.toFixed(3)}` : '' },
    { text: fixed(reward, 3) },
    { text: signed(advantage) },
  ]);
  return { heads: [...parts, 'penalty', 'reward', 'advantage'], rows };
}

/** A completion, split into its parts. */
export interface CompletionTexts {
  /** For a rollout with several stages, what all stages before the last one wrote. */
  graph: string | null;
  thought: string;
  /** The completion of the last stage as written. */
  raw: string;
  /** The text that is judged right or wrong; null if nothing can count as an answer. */
  answer: string | null;
  /** True if there is no closed answer block and `answer` is what evaluations read in the text (R19). */
  readFromText: boolean;
}

/** Splits a completion into its parts, stage by stage. */
export function textsOf({ segments, answer_text, right }: Completion): CompletionTexts {
  const raw = segments.at(-1)?.text ?? '';
  const answer = answer_text ?? (readCompletion(raw).lenient.text || null);
  const graphs = segments.slice(0, -1).map(({ text }) => text);
  return {
    graph: graphs.length > 0 ? graphs.join('\n') : null,
    thought: thinkText(raw),
    raw,
    answer,
    readFromText: answer_text === null && answer !== null && right !== null,
  };
}
