import type { ReportDocument } from '../../core/reports/document.ts';
import { UsageError, JobError } from '../errors.ts';
import { requireRunsFolder, requireReadable, otherRunsHint, findForeignRun } from '../find-runs.ts';
import {
  underDistinctNames,
  refusalToCompare,
  setsOf,
  type Evaluation,
} from '../../core/reports/evaluation.ts';
import { namedEvaluations, readAll, evaluationsIn } from '../evaluation/read-evaluations.ts';
import { note, tell } from '../print.ts';
import { evaluationsReport } from '../../core/reports/build-report.ts';
import {
  readScoredRows,
  evaluationsOfRun,
  evaluationsBeside,
} from '../../lab/evaluation/evaluation-folders.ts';
import { readDifference } from '../../lab/evaluation/read-audit.ts';
import { compareRows, placesOf } from '../../core/metrics/outcomes.ts';
import { rowsUnder } from '../../core/evaluation/shared-sets.ts';
import { comparisonSections } from '../../core/reports/sections/comparison-section.ts';
import { ACUITY_FILE, ACUITY_KINDS, readAcuity } from '../../core/psychophysics/acuity-record.ts';
import { requireFile } from '../input.ts';
import { statSync, existsSync } from 'node:fs';
import { CARD_BYTES, readCard } from '../../core/metrics/card.ts';
import { readText } from '../../lab/files/regular.ts';
import { decodeRecord } from '../../base/record.ts';
import { isRecord } from '../../base/json.ts';
import { several } from '../../base/format.ts';
import { acuityDocument } from '../../core/reports/acuity-document.ts';
import { cardsDocument } from '../../core/reports/cards.ts';
import { metricLabel } from '../../base/labels.ts';
import { join, resolve, dirname } from 'node:path';
import { listRuns } from '../../lab/runs/listed-runs.ts';
import { whyUnreadable, isMissing } from '../../lab/files/disk-error.ts';
import { readdir } from 'node:fs/promises';
import { mayBeForeign } from '../../lab/foreign/known.ts';
import { readOrigin } from '../../lab/traces/run-steps.ts';
import { originName } from '../../core/run-data/origin.ts';
import type { CommandUnknownOpts as Command } from 'commander';
import { refuseBeside } from '../no-effect.ts';
import { printReport } from '../print-report.ts';
import type { OptionsOf } from '../command-options.ts';
import type { addReportCommand } from './report.command.ts';

/** Options that apply to evaluations but not to benchmark cards. */
const OF_EVALUATIONS = 'runs run eval match checkpoints metric base published compare main'.split(' ');

async function reportOf(names: string[], options: Options): Promise<ReportDocument> {
  const {
    title = 'Evaluations',
    checkpoints,
    metric = null,
    base = null,
    published = false,
    compare,
  } = options;
  if (compare && compare.length !== 2)
    throw new UsageError('--compare requires two runs or evaluation folders.');
  if (options.main !== undefined && !compare)
    throw new UsageError('--main has no effect without --compare. Add --compare, or remove --main.');
  if (names.some(isResult)) return resultsDocument(names, options);
  requireRunsFolder(options.runs, true); // Evaluations of endpoints are next to the runs folder.
  const pair =
    compare && underDistinctNames(await namedEvaluations(compare, { ...options, flag: '--compare' }));
  const refusal = pair ? refusalToCompare(pair) : null;
  if (refusal !== null) throw new JobError(`--compare: ${refusal}`);
  const alone = pair && names.length === 0 && options.eval.length === 0;
  const evaluations = alone ? pair : await readAll(await foldersOf(names, options), options.eval);
  if (evaluations.length > 0) note(`${several(evaluations.length, 'evaluation')}.`);
  else if (!published) throw noEvaluations(names, options);
  const sets = setsOf(evaluations);
  const map = Object.fromEntries(options.match);
  for (const set of Object.keys(map))
    if (!sets.includes(set))
      throw new UsageError(
        `--match: evaluation set "${set}" does not exist. Evaluation sets: ${sets.join(', ') || 'none'}.`,
      );
  if (base !== null && !evaluations.some(({ subject }) => subject === base))
    throw new UsageError(
      `--base: "${base}" has no evaluation. Choose from ${[...new Set(evaluations.map(({ subject }) => subject))].join(', ')}.`,
    );
  const metrics = [...new Set(evaluations.flatMap(({ figures }) => figures.map((figure) => figure.metric)))];
  if (metric !== null && evaluations.length > 0 && !metrics.includes(metric))
    throw new UsageError(
      `--metric: metric "${metric}" does not exist in the evaluations. Choose from ${metrics.sort().map(told).join(', ')}.`,
    );
  const choices = { title, map, checkpoints, metric, base, published, isPaired: Boolean(alone) };
  const { document } = evaluationsReport(evaluations, choices);
  if (!pair) return document;
  const [first, second] = pair as [Evaluation, Evaluation];
  const [a, b] = await Promise.all(
    pair.map(async (evaluation) => rowsUnder(evaluation, await readScoredRows(evaluation.key))),
  );
  if (options.main !== undefined) {
    const places = placesOf(compareRows(a!, b!));
    if (places.length > 0 && !places.includes(options.main))
      throw new UsageError(`--main must be one of ${places.join(', ')}, not "${options.main}".`);
  }
  const { section, judged } = comparisonSections(
    [first, second],
    [a!, b!],
    await readDifference(first.key, second.key),
    options.main,
  );
  return { ...document, sections: [section, ...(judged ? [judged] : []), ...document.sections] };
}

const isResult = (name: string): boolean => /\.json$/i.test(name);

/** Returns a report on benchmark cards or acuity results, which no other report can contain. @throws UsageError */
async function resultsDocument(
  names: readonly string[],
  { eval: folders, compare, title }: Options,
): Promise<ReportDocument> {
  const other = names.find((name) => !isResult(name)) ?? folders[0] ?? compare?.[0];
  if (other !== undefined)
    throw new UsageError(
      `Cannot combine ${other} with benchmark cards or ${ACUITY_FILE} files. Report ${other} separately.`,
    );
  const files: { file: string; text: string; isAcuity: boolean }[] = [];
  for (const file of names) {
    await requireFile(file);
    if (statSync(file).size > CARD_BYTES)
      throw new UsageError(
        `${file} is larger than 16 MiB, the limit for benchmark cards and ${ACUITY_FILE} files.`,
      );
    const text = await readText(file);
    const value = decodeRecord(text, { file });
    files.push({ file, text, isAcuity: isRecord(value) && ACUITY_KINDS.includes(value.kind) });
  }
  const card = files.find(({ isAcuity }) => !isAcuity);
  if (!card) {
    note(`Read ${several(files.length, 'acuity result')}.`);
    const records = files.map(({ file, text }) => readAcuity(text, { file }));
    return acuityDocument(records, title ?? 'Acuity');
  }
  const acuity = files.find(({ isAcuity }) => isAcuity);
  if (acuity)
    throw new UsageError(
      `Cannot combine acuity results (${acuity.file}) with benchmark cards (${card.file}). Report them separately.`,
    );
  note(`Read ${several(files.length, 'benchmark card')}.`);
  const cards = files.map(({ file, text }) => readCard(text, { file }));
  return cardsDocument(cards, title ?? 'Evaluations');
}

/** Returns the command-line name of a metric, with its label in tables if they differ. */
const told = (metric: string): string => {
  const label = metricLabel(metric);
  return label === metric ? metric : `${metric} (${label})`;
};

/** Returns the error for a report on no evaluations, with the searched folders and how to pass other folders. */
function noEvaluations(names: readonly string[], { runs }: Options): UsageError {
  const places =
    names.length > 0
      ? `of ${names.join(', ')}`
      : `in ${join(resolve(runs), '*', 'eval')} and ${join(dirname(resolve(runs)), 'evals')}`;
  return new UsageError(`No evaluations ${places}.`, {
    fix: 'Evaluate a run with `chirality eval`, or pass --runs or --eval. For the published results alone, add --published.',
  });
}

/** Returns the evaluation folders of the given runs, or of all runs. */
async function foldersOf(names: string[], options: Options): Promise<string[]> {
  const named = options.eval.map((folder) => resolve(folder));
  if (names.length > 0 || named.length > 0) {
    for (const folder of options.eval) await requireEvaluation(folder);
    const dirs = await Promise.all(names.map((name) => requireReadable(options.runs, name, options.run)));
    await tellForeign(names, dirs);
    return [
      ...(await Promise.all(dirs.map(evaluationsIn))).flat(),
      ...(await Promise.all(named.map(inPlace))),
    ];
  }
  const hint = await otherRunsHint(options.runs);
  if (hint !== null) tell(hint);
  const runs = await listRuns(options.runs);
  const folders = await Promise.all(
    runs.map(({ dir }) =>
      evaluationsOfRun(dir).catch((error: unknown) => {
        // An unreadable run does not hide the other runs.
        tell(`${join(dir, 'eval')}: ${whyUnreadable(error)}`);
        return [];
      }),
    ),
  );
  return [...folders.flat(), ...(await evaluationsBeside(options.runs))];
}

/** @throws UsageError if the folder or log does not exist, or cannot contain an evaluation */
async function requireEvaluation(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error) && mayBeForeign(folder)) return null;
    throw new UsageError(
      `--eval ${folder}: ${isMissing(error) ? 'The folder does not exist.' : whyUnreadable(error)}`,
    );
  });
  if (names?.length === 0)
    throw new UsageError(
      `--eval ${folder}: The folder is empty. Pass the folder that \`chirality eval\` prints.`,
    );
}

/** Returns the folder of an evaluation. For an external evaluation, this can be a subfolder. */
const inPlace = async (folder: string): Promise<string> =>
  mayBeForeign(folder) ? ((await findForeignRun(folder)) ?? folder) : folder;

/** Prints a note about external runs, which contain only curves and no evaluated rows. */
async function tellForeign(names: readonly string[], dirs: readonly string[]): Promise<void> {
  for (const [i, dir] of dirs.entries()) {
    const from = (await evaluationsIn(dir)).includes(dir) ? null : await readOrigin(dir);
    if (from)
      tell(
        `${names[i]} is an external run (${originName(from.origin)}) without evaluation rows. See its completions with \`chirality trace\` and its curves with \`chirality attach\`.`,
      );
  }
}

export async function report(names: string[], options: Options, command: Command): Promise<void> {
  if (names.some(isResult)) refuseBeside(command, OF_EVALUATIONS, 'with benchmark cards or acuity files');
  // A folder with `results.json` is an evaluation of `chirality eval`.
  const isEvaluation = (name: string) => existsSync(join(name, 'results.json'));
  const document = await reportOf(
    names.filter((name) => !isEvaluation(name)),
    { ...options, eval: [...options.eval, ...names.filter(isEvaluation)] },
  );
  await printReport(document, options.json ? { ...options, format: 'json' } : options);
}

export type Options = OptionsOf<typeof addReportCommand>;
