import { readCompletion, thinkText } from '../../answers/extract.ts';
import type { TracedCompletion, TracedPair } from '../../run-data/trace.ts';
import { couplingText, fateText, VERDICT_WORDS } from './words.ts';

/** Where a pair comes from, for titles. */
export interface PairOrigin {
  run: string;
  /** The evaluation's id; absent for a traced step. */
  source?: string | undefined;
}

/** One line that says which pair this is. */
export function pairTitle({ step, pair, sample }: TracedPair, { run, source }: PairOrigin): string {
  return source === undefined
    ? `${run}, step ${step}, pair ${pair}: ${sample}`
    : `${run}, evaluation ${source}: ${sample}`;
}

/** What happened to a pair, in sentences. */
export function pairSentences(pair: TracedPair, evaluated: boolean): string[] {
  const verdict = pair.verdict && VERDICT_WORDS[pair.verdict];
  return [
    verdict ? verdict.meaning : null,
    evaluated ? null : couplingText(pair),
    evaluated ? null : fateText(pair),
  ].filter((text) => text !== null);
}

/** A completion in its parts: the graph of a two-stage rollout (what all stages before the last one wrote), the thought, and what stands outside of it. */
export interface CompletionTexts {
  graph: string | null;
  thought: string;
  /** The completion of the last stage as it was written. */
  raw: string;
  /**
   * Where the rewards found no answer block: what an evaluation would read as the answer (R19). Whether a completion is
   * right is judged by that.
   */
  readAs: string | null;
}

/** The texts of a completion, stage by stage. */
export function textsOf({ segments, answer_text }: TracedCompletion): CompletionTexts {
  const raw = segments.at(-1)?.text ?? '';
  const readAs = answer_text === null ? readCompletion(raw).lenient.text || null : null;
  const graphs = segments.slice(0, -1).map(({ text }) => text);
  return { graph: graphs.length > 0 ? graphs.join('\n') : null, thought: thinkText(raw), raw, readAs };
}
