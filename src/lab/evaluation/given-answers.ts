import { writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { referenceOf } from '../../core/answers/score-row.ts';
import type { Score } from '../../core/answers/score-schema.ts';
import { SCORING_RULES, type ScoreRow } from '../../core/answers/score.ts';
import { jsonText, linesText } from '../../base/json.ts';
import { measuredRow, type EvaluationRow } from '../../core/evaluation/evaluation-row.ts';
import { RuleTrials } from '../../core/metrics/judged-rates.ts';
import { groupBy } from '../../core/evaluation/scored-row.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { viewOfRow, type ViewId } from '../../rows/view-list.ts';
import { fileSha256 } from '../files/atomic.ts';
import { writeFolder } from '../files/leftovers.ts';
import { answeredRow } from './answer-samples.ts';
import { summarise } from '../../core/metrics/evaluation-results.ts';

/** An answer from outside Chirality, with its score by Chirality's rules. */
export interface GivenAnswer {
  row: ScoreRow & { id: string; set?: string; view?: ViewId } & Pick<Sample, 'source' | 'meta'>;
  score: Score;
}

/** Value in place of the prompting strategy, which is unknown. */
const STRATEGY = 'answers from another program';

/**
 * Writes answers from another program as an evaluation, so that they can be rated, reported and compared.
 * @param dir a folder that does not exist, or is empty
 * @param file dataset of the rows. Image paths are relative to the folder of this file
 * @param set name of the evaluation set, for rows without a set
 */
export async function writeGivenAnswers(
  dir: string,
  {
    model,
    file,
    set,
    answers,
  }: { model: string; file: string; set: string; answers: readonly GivenAnswer[] },
): Promise<void> {
  const keyOf = ({ row }: GivenAnswer) => JSON.stringify([row.set ?? set, viewOfRow(row), row.id]);
  const rows = [...groupBy(answers, keyOf).values()].flatMap((same) =>
    same.map((givenAnswer, i) => rowOf(givenAnswer, set, same.length > 1 ? i : undefined)),
  );
  const path = resolve(file);
  await writeFolder(dir, async (staging) => {
    await writeFile(join(staging, 'rows.jsonl'), linesText(rows));
    const sets = Object.fromEntries([...new Set(rows.map((row) => row.set))].map((name) => [name, path]));
    const hash = await fileSha256(path);
    const trials = new RuleTrials();
    for (const { row } of answers) trials.add(row.set ?? set, viewOfRow(row), row);
    const uneven = Object.fromEntries(trials.uneven());
    const manifest = {
      model,
      strategy: STRATEGY,
      sets,
      root: dirname(path),
      data: Object.keys(sets).map((name) => ({ set: name, path, sha256: hash })),
      scoring_rules: SCORING_RULES,
      ...(Object.keys(uneven).length > 0 && { judged_unevenly: uneven }),
    };
    await writeFile(join(staging, 'manifest.json'), jsonText(manifest));
    await writeFile(join(staging, 'results.json'), jsonText(summarise(rows.map(measuredRow))));
  });
}

function rowOf({ row, score }: GivenAnswer, set: string, index: number | undefined): EvaluationRow {
  const { id, question = '', images = [], completion } = row;
  const name = { id, set: row.set ?? set, view: viewOfRow(row) };
  const sample = { ...row, question, images, answer: referenceOf(row) };
  return answeredRow(name, sample, [{ stage: 'answer', text: completion, stop_reason: 'end' }], score, index);
}
