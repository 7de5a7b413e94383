import { isRight, scoreRow } from '../../../../src/core/answers/score-row.ts';
import { Random } from '../../../../src/core/random.ts';
import { digestRows } from '../../../../src/core/reports/digest.ts';
import type { Evaluation, ReportOptions } from '../../../../src/core/reports/evaluation.ts';
import type { EvaluationRow } from '../../../../src/lab/recipes/evaluation-row.ts';
import type { EvaluatedView } from '../../../../src/lab/recipes/forms.ts';
import { summarise } from '../../../../src/lab/recipes/summarise.ts';

/** A row as an evaluation writes it, scored by the program's own rules; about a picture of its own. */
export function rowOf({
  completion,
  view = 'original',
  set = 'own',
  ...sample
}: {
  id: string;
  completion: string;
  answer: string;
  task: string;
  question?: string;
  choices?: string[];
  meta?: Record<string, string | number | boolean>;
  view?: EvaluatedView;
  set?: string;
}): EvaluationRow {
  const score = scoreRow({ ...sample, completion });
  return {
    question: 'How far is it?',
    ...sample,
    set,
    view,
    images: [`${sample.id}.png`],
    segments: [{ stage: 'answer', text: completion, stop_reason: 'end' }],
    right: isRight(score) ?? false,
    score,
  };
}

/** The evaluation that a folder with these rows holds. */
export function evaluationOf(rows: readonly EvaluationRow[], about: Partial<Evaluation> = {}): Evaluation {
  const scored = rows.map((row) => ({ ...row, completion: row.segments.at(-1)!.text }));
  return {
    key: `${about.subject ?? 'mine'} ${about.step ?? ''}`,
    subject: 'mine',
    variant: '',
    step: null,
    model: 'a model',
    strategy: 'direct',
    figures: summarise(rows),
    sets: digestRows(scored, Random.from('test')),
    ...about,
  };
}

export const OPTIONS: ReportOptions = {
  title: 'Report',
  map: {},
  checkpoints: 'last',
  metric: 'accuracy',
  base: null,
};
