import { join } from 'node:path';
import { readEvaluationRow, type EvaluationRow } from '../../core/evaluation/evaluation-row.ts';
import type { ImageRef } from '../../rows/sample/sample.ts';
import { recordsIn } from '../files/record-lines.ts';

interface SeenView {
  /** Images of the view: one image, the frames of a clip, or none. */
  images: readonly ImageRef[];
  /** Timestamp of each frame in seconds, if known. */
  times?: readonly number[];
}

export type FirstAnswer = Pick<EvaluationRow, 'id' | 'set' | 'view' | 'question' | 'answer' | 'right'> &
  SeenView & {
    text: string;
  };

/** Reads the first answers of an evaluation by Chirality. Omits invalid lines. */
export async function firstAnswers(dir: string, count: number): Promise<FirstAnswer[]> {
  const answers: FirstAnswer[] = [];
  const stored = recordsIn(join(dir, 'rows.jsonl'), readEvaluationRow, undefined, count);
  for await (const row of stored) {
    const answer = firstAnswer(row);
    if (answer) answers.push(answer);
  }
  return answers;
}

/** Returns the displayed part of an evaluated row. Null for any completion except the first. */
export function firstAnswer(row: EvaluationRow): FirstAnswer | null {
  if ((row.completion_index ?? 0) > 0) return null;
  const { id, set, view, question, answer, right, score, segments } = row;
  const text = score.answer_text || (segments.at(-1)?.text ?? '').trim();
  return { id, set, view, question, answer, right, ...seenIn(row), text };
}

/** Displays only the first of several images that are not a clip. */
export const seenIn = ({ images, clip }: Pick<EvaluationRow, 'images' | 'clip'>): SeenView => ({
  images: clip ? images : images.slice(0, 1),
  ...(clip?.times_s && { times: clip.times_s }),
});
