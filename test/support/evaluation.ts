import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { scoreRow } from '../../src/core/answers/score-row.ts';
import { isNotJudged, isRight } from '../../src/core/answers/verdict.ts';
import { SCORING_RULES } from '../../src/core/answers/score.ts';
import type { Score } from '../../src/core/answers/score-schema.ts';
import type { NamedControl } from '../../src/core/metrics/control-metrics.ts';
import { digestRows } from '../../src/core/reports/digest.ts';
import type { Evaluation, ReportOptions } from '../../src/core/reports/evaluation.ts';
import { measuredRow, type EvaluationRow } from '../../src/core/evaluation/evaluation-row.ts';
import type { ViewId } from '../../src/rows/view-list.ts';
import { summarise } from '../../src/core/metrics/evaluation-results.ts';
import { rowLines } from './rows.ts';

/** A row as an evaluation writes it, scored by the program's own rules; about an image of its own. */
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
  view?: ViewId;
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
    right: isNotJudged(score) ? null : (isRight(score) ?? false),
    score,
  };
}

/** The same row, answered by free text that no rule can judge. */
export const unjudged = (row: EvaluationRow): EvaluationRow => ({
  ...row,
  right: null,
  score: {
    ...(scoreRow({ task: 'untyped', answer: row.answer, completion: row.segments.at(-1)!.text }) as Extract<
      Score,
      { task: 'untyped' }
    >),
    correct: null,
  },
});

/** The evaluation that a folder with these rows holds. */
export function evaluationOf(rows: readonly EvaluationRow[], about: Partial<Evaluation> = {}): Evaluation {
  const measured = rows.map(measuredRow);
  return {
    key: `${about.subject ?? 'mine'} ${about.step ?? ''}`,
    subject: 'mine',
    variant: '',
    details: {},
    step: null,
    model: 'a model',
    strategy: 'direct',
    rules: SCORING_RULES,
    figures: summarise(measured),
    uneven: {},
    controls: [],
    sets: digestRows(measured),
    ...about,
  };
}

export const OPTIONS: ReportOptions = {
  title: 'Report',
  map: {},
  checkpoints: 'last',
  metric: null,
  base: null,
  published: true,
};

/** A folder as `chirality eval` leaves it. */
export async function writeEvaluation(
  dir: string,
  rows: readonly EvaluationRow[],
  manifest: object,
  controls: readonly NamedControl[] = [],
): Promise<void> {
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'rows.jsonl'), rowLines(rows));
  await writeFile(join(dir, 'results.json'), JSON.stringify(summarise(rows.map(measuredRow))));
  await writeFile(
    join(dir, 'manifest.json'),
    JSON.stringify({ sets: {}, scoring_rules: SCORING_RULES, ...manifest }),
  );
  if (controls.length > 0) await writeFile(join(dir, 'controls.json'), JSON.stringify(controls));
}

/** Yes/no questions in both views, of which the first so many are answered rightly. */
export function yesNoRows(right: { original: number; mirror: number }, n = 40): EvaluationRow[] {
  return (['original', 'mirror'] as const).flatMap((view) =>
    Array.from({ length: n }, (_, i) =>
      rowOf({
        id: `r${i}`,
        set: 'val',
        view,
        task: 'yesno',
        question: `Is it | the ${i}th?`,
        answer: 'yes',
        completion: i < right[view] ? 'yes' : 'no',
      }),
    ),
  );
}
