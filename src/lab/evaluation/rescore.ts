import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { SCORING_RULES, type Task } from '../../core/answers/score.ts';
import { scoredText } from '../../core/answers/verdict.ts';
import { isRecord } from '../../base/json.ts';
import { rightOf } from '../../core/metrics/outcomes.ts';
import type { EvaluationRow } from '../../core/evaluation/evaluation-row.ts';
import { evaluationManifestSchema, MADE_BY } from '../../core/evaluation/results.ts';
import { isSourceRow } from '../../core/evaluation/source-evaluation.ts';
import { hidesOptions, type Strategy } from '../../core/prompts/strategy.ts';
import { checkRecord, decodeRecord } from '../../base/record.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { DataError } from '../datasets/data-error.ts';
import { readText } from '../files/regular.ts';
import { lockFolder } from '../runs/folder-lock.ts';
import type { Encoder } from '../encoders/encoder.ts';
import { rowOf } from './answer-samples.ts';
import { judgeAll, judgesOf, withSimilarities, type Judge, type Unjudged } from './judge.ts';
import { readResults } from './evaluation-folders.ts';
import { evaluationSamples, setFiles, type EvaluationSample } from './evaluation-samples.ts';
import { keyOf, settle, ROWS, StoredRows } from './stored-rows.ts';
import { summarise } from '../../core/metrics/evaluation-results.ts';

/** Result of rescoring stored answers. */
export interface Rescored {
  /** Version of the scoring rules before rescoring. */
  from: number;
  rows: number;
  /** Number of changed scores, by change: "wrong to right". */
  changed: Record<string, number>;
  /** Evaluation sets with missing or changed files. Rows of these sets were scored from the evaluation's own values. */
  recorded: string[];
  /** Whether controls were removed, because these controls compared with the previous scores. */
  controls: boolean;
  /** Number of answers without a judge's score, and the reason for the first such answer. */
  unjudged: Unjudged;
  /** Number of answers that are neither right nor wrong. */
  open: number;
}

/** Optional measures of the stored answers. */
interface Measures {
  judge?: Judge | undefined;
  encoder?: Encoder | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: (done: number, total: number) => void;
}

/**
 * Scores an answer by the current rules. Results of judge, encoder and custom metrics stay, except the similarity of a
 * text that the rules no longer score.
 */
export function rescoredRow(
  row: EvaluationRow,
  sample: Omit<EvaluationSample, 'images'>,
  strategy: Strategy,
): EvaluationRow {
  const { judge, metrics, score: before } = row;
  const anew = rowOf(sample, row.segments, strategy, row.completion_index);
  const keepsSimilarity = before.sbert !== undefined && scoredText(before) === scoredText(anew.score);
  return {
    ...anew,
    ...(metrics && { metrics }),
    ...(judge && { judge }),
    score: {
      ...anew.score,
      ...(keepsSimilarity && { sbert: before.sbert }),
      ...(before.judge !== undefined && { judge: before.judge }),
    },
  };
}

/** Fields of a manifest that scoring requires. Manifests of imported answers (`score --evaluation`) have no views. */
const planSchema = evaluationManifestSchema.extend({
  sets: z.record(z.string(), z.string()),
  root: z.string(),
  views: z.array(z.string()).default([]),
  strategy: z.union([z.string(), z.looseObject({ stages: z.array(z.unknown()) })]),
  limit: z.number().nullish(),
  sees: z.string().optional(),
  sampling: z.looseObject({ n: z.number() }).default({ n: 1 }),
  data: z.array(z.looseObject({ set: z.string(), sha256: z.string() })).default([]),
});

/** Placeholder for the prompting strategy of answers from outside Chirality. */
const ELSEWHERE: Strategy = {
  name: '',
  about: '',
  extract: 'whole',
  stages: [{ name: 'answer', images: 'shown', options: 'none', user: '' }],
};

/**
 * Rescores the stored answers of an evaluation, and writes rows, metrics and version. Each file is replaced as a whole,
 * and the version is written last, so that another call completes an interrupted call. The model is not called. A judge
 * only scores answers that it has not scored before.
 * @throws DataError if the folder contains no complete own evaluation
 */
export async function rescoreEvaluation(dir: string, measures: Measures = {}): Promise<Rescored> {
  const file = join(dir, 'manifest.json');
  if (!existsSync(file) || !existsSync(join(dir, ROWS)))
    throw new DataError(
      'no-evaluation',
      `${dir} is not an evaluation of Chirality, because manifest.json and ${ROWS} do not exist.`,
      { fix: 'Pass the folder that `chirality eval` printed, for example runs/NAME/eval/step-000100.' },
    );
  const lock = await lockFolder(dir);
  try {
    const manifest: unknown = decodeRecord(await readText(file), { file });
    if (!isRecord(manifest) || manifest.origin !== undefined)
      throw new DataError(
        'other-verdicts',
        `Cannot rescore ${dir}, because its scores come from another program.`,
        { fix: 'Score its answers against a dataset with `chirality score`.' },
      );
    const plan = checkRecord(planSchema, manifest, { file, madeBy: MADE_BY });
    const { samples, recorded } = await samplesOf(plan);
    const strategy = typeof plan.strategy === 'string' ? ELSEWHERE : (plan.strategy as unknown as Strategy);
    const byKey = new Map(samples.map((sample) => [keyOf(sample), sample]));
    const { judge, encoder, signal, onProgress } = measures;
    const result: Rescored = {
      from: plan.scoring_rules,
      rows: 0,
      changed: {},
      recorded,
      controls: false,
      unjudged: { count: 0, why: undefined },
      open: 0,
    };
    const again = (row: EvaluationRow): EvaluationRow => {
      if (isSourceRow(row)) return row;
      const sample = byKey.get(keyOf(row));
      const scored = sample ? rescoredRow(row, sample, strategy) : fromRecord(row, strategy);
      const verdicts = [row, scored].map((scoring) => verdictName(scoring));
      if (verdicts[0] !== verdicts[1]) {
        const name = verdicts.join(' to ');
        result.changed[name] = (result.changed[name] ?? 0) + 1;
      }
      return scored;
    };
    const stored = () => StoredRows.open(dir, samples, plan.sampling.n);
    const score = (some: EvaluationRow[]) => Promise.resolve(some.map(again));
    if (judge) {
      // Scores first, because the judge reads the text that the current rules score.
      await settle(lock, await stored(), [score]);
      const stop = AbortSignal.any([lock.lost, ...(signal ? [signal] : [])]);
      result.unjudged = await judgeAll(lock, stored, judge, stop, onProgress ?? (() => undefined));
    }
    const { rows } = await settle(lock, await stored(), [
      ...(judge ? [] : [score]),
      ...(encoder ? [(some: EvaluationRow[]) => withSimilarities(some, encoder)] : []),
    ]);
    result.rows = rows.length;
    result.open = rows.filter((row) => rightOf(row) === null).length;
    // An incomplete evaluation has no metrics, and rescoring adds none.
    if ((await readResults(dir).catch(() => [])) !== null)
      await lock.writeJson('results.json', summarise(rows, hidesOptions(strategy)));
    const controls = join(dir, 'controls.json');
    result.controls = existsSync(controls);
    if (result.controls) await lock.remove(controls);
    await lock.writeJson('manifest.json', {
      ...manifest,
      scoring_rules: SCORING_RULES,
      ...(judge && { judges: judgesOf(rows) }),
    });
    return result;
  } finally {
    await lock.release();
  }
}

const verdictName = (row: EvaluationRow): string => {
  const right = rightOf(row);
  return right === null ? 'not scored' : right ? 'right' : 'wrong';
};

/** Returns the evaluated rows of the evaluation sets whose files are unchanged. */
async function samplesOf(
  plan: z.infer<typeof planSchema>,
): Promise<{ samples: EvaluationSample[]; recorded: string[] }> {
  const samples: EvaluationSample[] = [];
  const recorded: string[] = [];
  const { root, limit, sees } = plan;
  const views = plan.views as EvaluationSample['view'][];
  for (const [set, path] of Object.entries(plan.sets)) {
    const before = plan.data.find((planned) => planned.set === set)?.sha256;
    const wanted = { sets: { [set]: path }, root, views, limit: limit ?? undefined, sees };
    const [now] = existsSync(path) ? await setFiles(wanted) : [];
    if (!now || (before !== undefined && now.sha256 !== before)) recorded.push(set);
    // Rows that could not be evaluated have no stored answer to rescore.
    else samples.push(...(await evaluationSamples(wanted, () => undefined)));
  }
  return { samples, recorded };
}

/** Tasks that are detected again, because the words of a row determine the task. */
const FOUND: readonly Task[] = ['untyped', 'name', 'choice'];

/**
 * Scores an answer by the values in its row: question, reference answer, options, and the detected task. If further
 * values are required (a mask, the format of a box), the score stays.
 */
function fromRecord(row: EvaluationRow, strategy: Strategy): EvaluationRow {
  const { id, set, view, question, answer, answers, credit, choices, images, source, meta, score } = row;
  const sample: Sample = {
    id,
    question,
    answer,
    images,
    ...(answers && { answers }),
    ...(credit && { credit }),
    ...(choices && { choices }),
    ...(source !== undefined && { source }),
    ...(meta && { meta }),
    ...(!FOUND.includes(score.task) && { task: score.task }),
  };
  const anew = rescoredRow(row, { set, view, id, sample }, strategy);
  const lacksMore =
    (anew.score.problem !== undefined && score.problem === undefined) ||
    score.task === 'bbox' ||
    score.task === 'point';
  return lacksMore ? row : { ...anew, ...(row.attribution && { attribution: row.attribution }) };
}
