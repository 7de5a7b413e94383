import { existsSync } from 'node:fs';
import { rmdir, stat } from 'node:fs/promises';
import { dirname, join, basename } from 'node:path';
import { SCORING_RULES } from '../../core/answers/score.ts';
import { hidesOptions, type Strategy } from '../../core/prompts/strategy.ts';
import type { Sampler } from '../../engines/sampler.ts';
import { DataError } from '../datasets/data-error.ts';
import { makeFolder } from '../files/folders.ts';
import { lockFolder } from '../runs/folder-lock.ts';
import { programVersions } from '../runs/versions.ts';
import { type EvaluationOptions, aboutCheckpoint, evaluationPlan } from '../evaluation/evaluation-plan.ts';
import { answerAll, type Told } from '../evaluation/questions.ts';
import type { EvaluationRow, MeasuredRow } from '../../core/evaluation/evaluation-row.ts';
import { readEvaluationManifest, type EvaluationResult } from '../../core/evaluation/results.ts';
import { scoredText } from '../../core/answers/verdict.ts';
import { BoxFit } from '../../core/evaluation/box-fit.ts';
import { RuleTrials } from '../../core/metrics/judged-rates.ts';
import type { JudgedRates } from '../../core/metrics/uneven.ts';
import { decodeRecord } from '../../base/record.ts';
import { rescoredRow } from '../evaluation/rescore.ts';
import { hashOf, setFiles, withSets, type EvaluationSample } from '../evaluation/evaluation-samples.ts';
import { summarise } from '../../core/metrics/evaluation-results.ts';
import { judgeAll, judgesOf, withSimilarities } from '../evaluation/judge.ts';
import { keyOf, withOwnMetrics, settle, ROWS, StoredRows } from '../evaluation/stored-rows.ts';
import { readText } from '../files/regular.ts';
import { ifMissing } from '../files/disk-error.ts';
import type { RunConfig } from '../../core/config/run-config.ts';
import { planQuick } from '../../core/psychophysics/plan-stimuli.ts';
import { ACUITY_FILE } from '../../core/psychophysics/acuity-record.ts';
import { ORIGINAL } from '../../rows/view-list.ts';
import { writeAcuity } from '../acuity/acuity-answers.ts';
import { stimuli, stimuliName } from '../acuity/acuity-rows.ts';
import { stepName } from '../runs/run-folder.ts';

export interface Evaluation {
  results: EvaluationResult[];
  /** Number of missing or unsupported views of rows, by reason. */
  skipped: Record<string, number>;
  /**
   * Number of completions without an answer (`failed`) or without a judge's score (`unjudged`) because an endpoint
   * failed. The next call retries these completions.
   */
  failed: number;
  unjudged: number;
  /** Evaluation sets for which the rules score right and wrong answers at different rates. */
  uneven: Record<string, JudgedRates>;
  /** Notes on sets whose boxes only match in another box format than declared, with the metrics under both formats. */
  boxes: string[];
  /** Reason for the first missing answer or judge's score, for users. */
  reason: string | undefined;
}

/**
 * Evaluates a model on every row of every set in the given views, and scores the answers. Rows are appended as they
 * arrive, and a second call with the same folder continues an interrupted call. Fails while another call uses the
 * folder, or if the folder contains another evaluation.
 * @param open called only if questions remain
 */
export async function evaluate(
  open: () => Promise<Sampler>,
  dir: string,
  options: EvaluationOptions,
  onProgress: (done: number, total: number, what: 'answers' | 'verdicts') => void = () => undefined,
  told: Told = {},
): Promise<Evaluation> {
  const parent = dirname(dir);
  const isFirst = !existsSync(parent);
  await makeFolder(dir);
  const lock = await lockFolder(dir);
  // Another process that takes over the folder repeats the questions, so this process must stop paying for answers.
  const signal = AbortSignal.any([lock.lost, ...(options.signal ? [options.signal] : [])]);
  const files = ['manifest.json', ROWS].map((name) => join(dir, name));
  const isNew = !existsSync(files[0]!);
  try {
    const { manifest, rules } = await manifestOf(dir, options);
    // The manifest has the old version until all stored answers are rescored.
    const begin = () => lock.writeJson('manifest.json', { ...manifest, scoring_rules: rules });
    const onAnswer = (done: number, total: number) => onProgress(done, total, 'answers');
    const { samples, skipped } = await withSets(options, (files) =>
      answerAll(open, begin, lock, { ...options, files, signal }, onAnswer, told),
    );
    const stored = () => StoredRows.open(dir, samples, options.sampling.n);
    const { judge, encoder, metrics, root } = options;
    const unjudged = judge
      ? await judgeAll(lock, stored, judge, signal, (done, total) => onProgress(done, total, 'verdicts'))
      : { count: 0, why: undefined };
    const { rows, failed, reason } = await settle(lock, await stored(), [
      ...(rules === SCORING_RULES ? [] : [againBy(samples, options.strategy)]),
      ...(encoder ? [(rows: EvaluationRow[]) => withSimilarities(rows, encoder)] : []),
      ...(metrics ? [(rows: EvaluationRow[]) => withOwnMetrics(rows, metrics, root)] : []),
    ]);
    const trials = new RuleTrials();
    for (const { set, view, sample } of samples) trials.add(set, view, sample);
    const uneven = Object.fromEntries(trials.uneven());
    const boxes = boxesOf(rows, samples, options.sees ?? options.family);
    const counts = { answered: rows.length - failed, failed, unjudged: unjudged.count, skipped };
    const results = summarise(rows, hidesOptions(options.strategy));
    // Replaces metrics of older rules before the manifest gets the current version of the rules.
    if (rules !== SCORING_RULES) await lock.writeJson('results.json', results);
    await lock.writeJson('manifest.json', {
      ...manifest,
      scoring_rules: SCORING_RULES,
      judges: judgesOf(rows),
      rows: counts,
      ...(Object.keys(uneven).length > 0 && { judged_unevenly: uneven }),
    });
    if (rules === SCORING_RULES) await lock.writeJson('results.json', results);
    return {
      results,
      skipped,
      failed,
      unjudged: unjudged.count,
      uneven,
      boxes,
      reason: reason ?? unjudged.why,
    };
  } catch (error) {
    const hasNoRows = await stat(files[1]!)
      .then(({ size }) => size === 0, ifMissing(true))
      .catch(() => false);
    // Without any answer, there is no evaluation to resume. If the disk does not respond, both files stay.
    if (isNew && hasNoRows) for (const path of files) await lock.remove(path).catch(() => undefined);
    // An aborted engine throws its own error, so this statement throws the reason of the abort.
    throw signal.aborted ? signal.reason : error;
  } finally {
    await lock.release();
    // Removes a new, empty folder after a rejected or unanswered evaluation.
    await rmdir(dir).catch(() => undefined);
    if (isFirst) await rmdir(parent).catch(() => undefined);
  }
}

function boxesOf(
  rows: readonly MeasuredRow[],
  samples: readonly EvaluationSample[],
  sees: string | null | undefined,
): string[] {
  const ofRow = new Map(samples.map((sample) => [keyOf(sample), sample.sample]));
  const fits = new Map<string, BoxFit>();
  for (const row of rows) {
    const { set, score } = row;
    const sample = ofRow.get(keyOf(row));
    if (score.task !== 'bbox' || !sample) continue;
    const fit = fits.get(set) ?? new BoxFit(sees);
    fits.set(set, fit);
    fit.add(sample, scoredText(score));
  }
  return [...fits].flatMap(([set, fit]) => fit.misfit(set) ?? []);
}

/** Rescores stored answers by the current rules. */
const againBy = (samples: readonly EvaluationSample[], strategy: Strategy) => {
  const byRow = new Map(samples.map((sample) => [keyOf(sample), sample]));
  return (rows: EvaluationRow[]) =>
    Promise.resolve(
      rows.map((row) => {
        const sample = byRow.get(keyOf(row));
        return sample ? rescoredRow(row, sample, strategy) : row;
      }),
    );
};

/**
 * Hashes all inputs that determine an evaluation's answers: rows, prompting, model. Paths have no effect.
 * @param data the plan's sets, if the caller has read them
 */
export async function contentHash(
  plan: Omit<EvaluationOptions, 'judge' | 'encoder' | 'metrics' | 'signal'>,
  data?: Awaited<ReturnType<typeof setFiles>>,
): Promise<string> {
  const { strategy, sampling, views, limit, sees, growing, about } = plan;
  const rows =
    growing ??
    (data ?? (await setFiles(plan))).map(({ set, sha256: hash, depth }) => [
      set,
      hash,
      ...(depth ? [depth] : []),
    ]);
  return hashOf([
    rows,
    strategy,
    sampling,
    views,
    limit ?? null,
    about,
    ...(sees === undefined ? [] : [sees]),
  ]);
}

/**
 * Returns the manifest of an evaluation, and the version of the rules that scored the stored answers.
 * @throws if the folder contains another evaluation
 */
async function manifestOf(
  dir: string,
  { sets, files, root, views, strategy, sampling, limit, sees, growing, about, subject }: EvaluationOptions,
): Promise<{ manifest: object; rules: number }> {
  const plan = { sets, root, views, strategy, sampling, limit, ...(sees !== undefined && { sees }) };
  const data = await setFiles({ sets, files, root, limit });
  const content = await contentHash({ ...plan, growing, about }, data);
  const path = join(dir, 'manifest.json');
  const text = await readText(path).catch(ifMissing(null));
  const before =
    text === null ? null : readEvaluationManifest(decodeRecord(text, { file: path }), { file: path });
  if (before?.content !== undefined && before.content !== content) {
    throw new DataError('other-evaluation', `${dir} contains an evaluation with other rows or settings.`, {
      fix: 'Move or delete the folder.',
    });
  }
  const { n, temperature, topP: top_p, maxTokens: max_tokens, seed } = sampling;
  const drawn = { n, temperature, top_p, max_tokens, ...(temperature > 0 && { seed }) };
  const manifest = {
    ...plan,
    sampling: drawn,
    data,
    ...about,
    ...(subject && { subject }),
    versions: programVersions(),
    content,
  };
  return { manifest, rules: before?.scoring_rules ?? SCORING_RULES };
}

/**
 * Measures the model's acuity after a step on each axis of `evaluate.acuity`. Writes to the run's folder `acuity`, in
 * the format of `chirality acuity`. Does not use random numbers of training.
 */
export async function measureStep(
  dir: string,
  config: RunConfig,
  sampler: Sampler,
  step: number,
): Promise<void> {
  const folder = join(dir, 'acuity');
  const { strategy, sampling } = evaluationPlan(config);
  for (const axis of config.evaluate.acuity ?? []) {
    const plan = planQuick(axis, config.engine.kind);
    const { rows } = await stimuli(join(folder, 'rows'), plan);
    const set = stimuliName(plan);
    const answers = join(folder, `${stepName(step)}-${set}`);
    const run = basename(dir);
    const subject = { model: `${run}, step ${step}`, run, step };
    await evaluate(() => Promise.resolve(sampler), answers, {
      sets: { [set]: rows },
      root: dirname(rows),
      views: [ORIGINAL],
      strategy,
      sampling: { ...sampling, apart: true },
      about: aboutCheckpoint(config, step),
      subject,
    });
    await writeAcuity(plan, rows, { answers, ...subject }, join(answers, ACUITY_FILE));
  }
}
