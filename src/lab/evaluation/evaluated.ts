import { isRightAnswer, scoreRow } from '../../core/answers/score-row.ts';
import { attribute } from '../../core/metrics/attribution.ts';
import { isUnparsed } from '../../core/metrics/scored-row.ts';
import type { Strategy } from '../../core/prompts/strategy.ts';
import type { Meta } from '../../core/sample/sample.ts';
import type { AnswerSegment, EvaluationRow } from '../../core/metrics/evaluation-row.ts';
import type { EvaluationSample } from './samples.ts';

/** A completion with its score. @param index of the completion; undefined if there is only one. */
export function rowOf(
  { set, view, id, sample }: EvaluationSample,
  segments: AnswerSegment[],
  strategy: Strategy,
  index?: number,
): EvaluationRow {
  const { question, answer, choices, images, source, meta } = sample;
  const completion = answerIn(segments, strategy);
  const score = scoreRow({ ...sample, completion });
  const right = isRightAnswer(score, answer);
  const drawn = drawnIn(segments, strategy);
  const outcome = right ? 'right' : isUnparsed({ score }) ? 'unparsed' : 'wrong';
  const attribution = drawn === undefined || right === null ? null : attribute(sample, drawn, outcome);
  return {
    id,
    set,
    view,
    ...(index !== undefined && { completion_index: index }),
    question,
    answer,
    ...(choices && { choices }),
    images,
    ...(source !== undefined && { source }),
    ...(meta && { meta: plain(meta) }),
    segments,
    right,
    score,
    ...(attribution && { attribution }),
  };
}

/**
 * The text in which a graph was written; undefined if there is none, or if its names were shuffled before it was used.
 */
function drawnIn(segments: readonly AnswerSegment[], { stages }: Strategy): string | undefined {
  const drawing = stages.findLast(({ graph }) => graph !== undefined);
  return drawing?.graph?.shuffled ? undefined : segments.find(({ stage }) => stage === drawing?.name)?.text;
}

/** The text to score: that of the last stage; empty if an earlier stage failed. */
export function answerIn(segments: readonly AnswerSegment[], { stages, extract }: Strategy): string {
  const text = segments.length === stages.length ? segments.at(-1)!.text : '';
  if (extract === 'whole' || /<\s*answer\s*>/i.test(text)) return text;
  return text.trim().split(/\n\s*/).at(-1)!;
}

const plain = (meta: Meta): NonNullable<EvaluationRow['meta']> =>
  Object.fromEntries(
    Object.entries(meta).filter(
      (entry): entry is [string, string | number | boolean] =>
        entry[1] !== null && typeof entry[1] !== 'object',
    ),
  );
