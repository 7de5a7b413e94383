import { isRight, scoreRow } from '../../core/answers/score-row.ts';
import type { Strategy } from '../../core/prompts/strategy.ts';
import { isSameText } from '../../core/rewards/parts.ts';
import type { Meta } from '../../core/spatial/sample.ts';
import type { AnswerSegment } from './answer.ts';
import type { EvaluationRow } from './evaluation-row.ts';
import type { EvaluationForm } from './forms.ts';

/** A completion with its score. @param index of several; absent for the only one. */
export function rowOf(
  { set, view, id, sample }: EvaluationForm,
  segments: AnswerSegment[],
  strategy: Strategy,
  index?: number,
): EvaluationRow {
  const { question, answer, choices, images, source, meta } = sample;
  const score = scoreRow({ ...sample, completion: answerIn(segments, strategy) });
  return {
    ...{ id, set, view },
    ...(index !== undefined && { completion_index: index }),
    ...{ question, answer },
    ...(choices && { choices }),
    images,
    ...(source !== undefined && { source }),
    ...(meta && { meta: plain(meta) }),
    segments,
    right: isRight(score) ?? isSameText(score.answer_text, answer),
    score,
  };
}

/** The text that is scored: of the last stage; nothing where a stage before it failed. */
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
