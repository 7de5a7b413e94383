import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { UntilChanged, versionAt, versionIn } from '../files/version.ts';
import * as z from 'zod';
import {
  MADE_BY,
  readEvaluationManifest,
  readResults as parseResults,
  type EvaluationResult,
} from '../../core/evaluation/results.ts';
import type { MeasuredRow } from '../../core/evaluation/evaluation-row.ts';
import { judgedRow, readAnyRow, type SourceEvaluation } from '../../core/evaluation/source-evaluation.ts';
import { importSchema, originName } from '../../core/run-data/origin.ts';
import { readInPlace } from '../foreign/known.ts';
import { checkRecord, decodeRecord, RecordError, type RecordSource } from '../../base/record.ts';
import { namedControlSchema } from '../../core/metrics/control-metrics.ts';
import { SCORING_RULES } from '../../core/answers/score.ts';
import { AS_TRAINED } from '../../core/prompts/strategy.ts';
import { digestRows } from '../../core/reports/digest.ts';
import type { Evaluation } from '../../core/reports/evaluation.ts';
import { sharedNames } from '../../core/evaluation/shared-sets.ts';
import { ifMissing, noEntries, unlessUnreadable } from '../files/disk-error.ts';
import { recordsIn } from '../files/record-lines.ts';
import { readText } from '../files/regular.ts';
import { byNumber } from '../files/folders.ts';
import { hackingIn } from '../runs/history.ts';
import { verifiedSteps } from '../runs/verified.ts';
import { stepOf, stepsIn } from '../runs/run-folder.ts';
import { originIn, type ForeignState, type RunOrigin } from '../foreign/foreign-run.ts';
import { auditFile, readAudit } from './judgements.ts';
import { reviewedLabelsOf, setPaths } from './read-reviewed-labels.ts';
import { reviewedLabels } from '../../core/metrics/reviewed-labels.ts';
import { summarise } from '../../core/metrics/evaluation-results.ts';

export const evaluationsOfRun = (run: string): Promise<string[]> => finishedIn(join(run, 'eval'));

/** Returns the folders of the quick checks of a run, complete or not, the newest first. */
export const quickChecks = async (run: string): Promise<{ name: string; step: number; dir: string }[]> =>
  stepsIn(await readdir(join(run, 'eval')).catch(noEntries))
    .reverse()
    .map((check) => ({ ...check, dir: join(run, 'eval', check.name) }));

/** Reads the newest complete quick check of a run. Null without one. @throws RecordError for an invalid quick check */
export async function newestEvaluation(
  run: string,
): Promise<{ id: string; step: number; results: EvaluationResult[] } | null> {
  for (const { name: id, step, dir } of await quickChecks(run)) {
    const results = await readResults(dir);
    if (results) return { id, step, results };
  }
  return null;
}

/** A finished evaluation of a run at a step. */
interface StepEvaluation {
  id: string;
  step: number;
  /** Version of the rules that scored the answers; null for external evaluations. */
  rules: number | null;
  figures: EvaluationResult[];
}

const evaluationsByFolder = new UntilChanged<StepEvaluation | null>(1000);

/** Reads the finished evaluations of a run that have a step, by step. Reports and omits unreadable evaluations. */
export async function stepEvaluations(run: string, leaveOut: LeaveOut): Promise<StepEvaluation[]> {
  const read: StepEvaluation[] = [];
  for (const dir of await evaluationsOfRun(run))
    try {
      const version = await versionAt(join(dir, 'results.json'));
      const evaluation = await evaluationsByFolder.of(dir, version, () => readStep(dir));
      if (evaluation) read.push(evaluation);
    } catch (error) {
      leaveOut(error as Error);
    }
  return read.sort((a, b) => a.step - b.step || a.id.localeCompare(b.id));
}

async function readStep(dir: string): Promise<StepEvaluation | null> {
  const [id, file] = [basename(dir), join(dir, 'manifest.json')];
  const { scoring_rules: rules, ...manifest } = readEvaluationManifest(await readJson(file), { file });
  const step = manifest.step ?? stepOf(id);
  if (step === null) return null;
  const results = join(dir, 'results.json');
  return {
    id,
    step,
    rules,
    figures: parseResults(await readJson(results), { file: results }, () => undefined),
  };
}

/** Returns the folders of evaluations of endpoints, which are next to a folder of runs. */
export const evaluationsBeside = (runs: string): Promise<string[]> =>
  finishedIn(join(dirname(resolve(runs)), 'evals'));

/** Returns the subfolders of a folder that contain results. Empty if the folder does not exist. */
async function finishedIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(noEntries);
  const finished: string[] = [];
  for (const name of names.sort(byNumber)) {
    const dir = resolve(folder, name);
    if (await stat(join(dir, 'results.json')).catch(ifMissing(null))) finished.push(dir);
  }
  return finished;
}

/** Reads the results of an evaluation. Null if it is not complete. @throws RecordError if an entry is invalid */
export async function readResults(dir: string): Promise<EvaluationResult[] | null> {
  const file = join(dir, 'results.json');
  const text = await readText(file).catch(ifMissing(null));
  if (text === null) return null;
  return parseResults(decodeRecord(text, { file }), { file }, (why) => {
    throw why;
  });
}

/** Returns a version that changes with the results, rows, controls, ratings and set files of an evaluation. */
export async function evaluationVersion(dir: string): Promise<string> {
  const names = ['results.json', 'rows.jsonl', 'controls.json'].map((name) => join(dir, name));
  const sets = setPaths(await manifestOf(dir)).map(([, path]) => path);
  const files = await Promise.all(
    [...names, auditFile(dir), ...sets].map((file) => stat(file).catch(() => null)),
  );
  return files.map((stats) => stats && versionIn(stats)).join(' ');
}

const manifestOf = (dir: string): Promise<unknown> => readJson(join(dir, 'manifest.json')).catch(() => null);

/** Reads the reviewed labels in the sets of an evaluation, by set and row id. */
export const reviewedLabelsIn = async (dir: string): ReturnType<typeof reviewedLabelsOf> =>
  reviewedLabelsOf(await manifestOf(dir));

/** Returns the names that sets of the second of two evaluations have in the first one, if their files are equal. */
export async function renamedSets(dirs: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const manifests = await Promise.all(dirs.map(manifestOf));
  return sharedNames(manifests.map((manifest) => digestsOf(manifest as Manifest | null)))[1]!;
}

interface Manifest {
  step?: unknown;
  model?: unknown;
  prompt?: unknown;
  strategy?: unknown;
  template?: unknown;
  graph?: unknown;
  limit?: unknown;
  sampling?: unknown;
  data?: unknown;
  max_pixels?: unknown;
  /** Model family, or `true`, if images were padded to be mirror-symmetric. */
  symmetric?: unknown;
  endpoint?: unknown;
  files?: unknown;
  judged_unevenly?: unknown;
}

/** Part of the manifest that only imported evaluations have. */
const importedSchema = importSchema.pick({ origin: true });

/** Shares of right and of wrong answers that the rules score, for the sets of a manifest where these shares differ. */
const unevenSchema = z.record(z.string(), z.object({ right: z.number(), wrong: z.number(), n: z.number() }));

type LeaveOut = (why: Error) => void;

/**
 * Reads an evaluation. Reports and omits unusable lines and entries.
 * @param options.sets false to skip the files of the evaluation sets, which can be in any folder
 * @throws an error with a message for users, if the folder contains no complete evaluation
 */
export async function readEvaluation(
  dir: string,
  leaveOut: LeaveOut = () => undefined,
  { sets = true } = {},
): Promise<Evaluation> {
  const theirs = await readInPlace(dir);
  const {
    results,
    manifest: written,
    controls,
  } = theirs ? recordsInPlace(dir, theirs, leaveOut) : await readRecords(dir, leaveOut);
  const { scoring_rules: rules } = readEvaluationManifest(written, { file: join(dir, 'manifest.json') });
  const manifest = written as Manifest;
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  const id = basename(dir);
  const ofRun = theirs === null && basename(dirname(dir)) === 'eval';
  const step = Number(manifest.step ?? /^step-(\d+)/.exec(id)?.[1] ?? NaN);
  const { origin = null } = importedSchema.safeParse(manifest).data ?? {};
  const strategy = origin ? originName(origin) : strategyOf(manifest);
  const older = rulesText({ rules });
  const details: Record<string, string> = { ...detailsOf(manifest), ...(older && { rules: older }) };
  const { rows: first = '', sampling = '', images = '' } = details;
  const asTrained = ofRun && (stepOf(id) !== null || strategy === AS_TRAINED);
  const rows = await readScoredRows(dir, leaveOut);
  return {
    key: dir,
    subject: ofRun ? basename(dirname(dirname(dir))) : text(manifest.model) || id,
    variant: [asTrained ? '' : strategy, first, sampling, images, older].filter(Boolean).join(', '),
    details,
    step: Number.isFinite(step) ? step : null,
    model: text(manifest.model),
    strategy,
    rules,
    figures: Array.isArray(results)
      ? parseResults(results, { file: join(dir, 'results.json') }, leaveOut)
      : [],
    uneven: unevenSchema.safeParse(manifest.judged_unevenly).data ?? {},
    controls: readControls(controls, { file: join(dir, 'controls.json'), madeBy: MADE_BY }, leaveOut),
    // Chirality's rules did not score the answers of other programs.
    sets: origin ? {} : digestRows(rows),
    digests: digestsOf(manifest),
    audit: await readAudit(dir, rows, leaveOut),
    reviewed: origin || !sets ? [] : reviewedLabels(rows, await reviewedLabelsOf(manifest)),
    hacking: ofRun ? await hackingIn(dirname(dirname(dir))) : null,
    verified: ofRun ? await verifiedSteps(dirname(dirname(dir))) : null,
  };
}

/** Returns a label for an evaluation with older rules, such as "rules 1". Empty for the current rules. */
const rulesText = ({ rules }: Pick<Evaluation, 'rules'>): string =>
  rules === null || rules === SCORING_RULES ? '' : `rules ${rules}`;

/** Reads the files of an evaluation in Chirality's format. @throws if the folder contains no complete evaluation */
async function readRecords(dir: string, leaveOut: LeaveOut) {
  const [manifest, results] = await Promise.all(
    ['manifest.json', 'results.json'].map((name) => readJson(join(dir, name))),
  ).catch((error: Error) => {
    unlessUnreadable(null)(error);
    throw new Error(`${dir} contains no finished evaluation: ${error.message}`);
  });
  // A missing file is usual: most evaluations have no controls.
  const controls = await readJson(join(dir, 'controls.json')).catch((error: unknown) => {
    if (error instanceof RecordError) leaveOut(error);
    return unlessUnreadable(null)(error);
  });
  return { results, manifest, controls };
}

const readJson = async (file: string): Promise<unknown> => decodeRecord(await readText(file), { file });

/** Returns the prompting strategy: the name in the manifest if present, otherwise derived from the prompt. */
function strategyOf({ strategy, prompt, graph, template }: Manifest): string {
  for (const name of [strategy, (strategy as { name?: unknown } | undefined)?.name, prompt])
    if (typeof name === 'string') return name;
  if (graph) return 'scene graph';
  return typeof template === 'string' && template.includes('<think>') ? 'think' : 'direct';
}

/** Describes all other settings that affect the answers. Manifests of imported evaluations lack some settings. */
function detailsOf({
  limit,
  sampling,
  data,
  max_pixels,
  symmetric,
  endpoint,
  files,
}: Manifest): Record<string, string> {
  const details: Record<string, string> = {};
  if (typeof limit === 'number') details.rows = `first ${limit} rows`;
  const { n, temperature, top_p, max_tokens, seed } = (sampling ?? {}) as Record<string, unknown>;
  if (typeof n === 'number' && typeof temperature === 'number' && (n > 1 || temperature > 0)) {
    const answers = `${n} ${n === 1 ? 'answer' : 'answers'} at temperature ${temperature}`;
    details.sampling = typeof top_p === 'number' && top_p < 1 ? `${answers}, top-p ${top_p}` : answers;
  }
  if (typeof max_tokens === 'number') details.length = `${max_tokens} tokens`;
  if (typeof seed === 'number') details.seed = `seed ${seed}`;
  if (typeof max_pixels === 'number') details.pixels = `${max_pixels} pixels`;
  if (symmetric !== undefined) details.images = 'symmetric images';
  if (typeof endpoint === 'string') details.endpoint = endpoint;
  if (Array.isArray(data)) details.data = `rows ${data.map(hashStart).join(' and ')}`;
  if (typeof files === 'string') details.files = `files ${files.slice(0, 8)}`;
  return details;
}

const dataSchema = z.array(z.object({ set: z.string(), sha256: z.string() }));

const digestsOf = (manifest: Manifest | null): Map<string, string> =>
  new Map(dataSchema.safeParse(manifest?.data).data?.map(({ set, sha256 }) => [set, sha256]));

const hashStart = (file: unknown): string =>
  String((file as { sha256?: unknown } | null)?.sha256).slice(0, 8);

/** Reads the controls of an evaluation. Reports and omits invalid controls. */
const readControls = (list: unknown, source: RecordSource, leaveOut: LeaveOut) =>
  (Array.isArray(list) ? list : []).flatMap((entry: unknown) => {
    try {
      return [checkRecord(namedControlSchema, entry, source)];
    } catch (error) {
      leaveOut(error as Error);
      return [];
    }
  });

/** Reads the scored rows of an evaluation. Reports and omits unusable lines. Empty without a file. */
export async function readScoredRows(
  dir: string,
  leaveOut: LeaveOut = () => undefined,
): Promise<MeasuredRow[]> {
  const theirs = await readInPlace(dir);
  if (theirs) return (theirs.evaluation?.rows ?? []).map(judgedRow);
  const rows: MeasuredRow[] = [];
  const stored = recordsIn(join(dir, 'rows.jsonl'), readAnyRow, leaveOut);
  for await (const row of stored) rows.push(judgedRow(row));
  return rows;
}

/** Returns the metrics that the evaluating program reports, then accuracy and agreement from that program's scores. */
export function figuresOf({ rows, figures }: SourceEvaluation): EvaluationResult[] {
  const ours = summarise(rows.map(judgedRow)).filter(({ task, slice }) => task === 'all' && !slice);
  return [
    ...figures,
    // For evaluations of other programs, the number of unparsed answers is unknown.
    ...ours.map((figure) => ({ ...figure, unparsed: undefined })),
  ];
}

/** Returns the files in a copy of an evaluation, except its rows. @param from source of the evaluation */
export const evaluationRecords = (evaluation: SourceEvaluation, from: RunOrigin) => ({
  results: figuresOf(evaluation),
  manifest: {
    model: evaluation.model,
    ...(evaluation.step !== null && { step: evaluation.step }),
    ...originIn(from),
  },
});

/**
 * Returns the records of an evaluation that is read in place.
 * @param leaveOut receives an error for each unreadable part
 * @throws an error with a message for users, if the folder contains a run
 */
function recordsInPlace(dir: string, state: ForeignState, leaveOut: (why: Error) => void) {
  const { evaluation, origin, problems } = state;
  for (const problem of problems) leaveOut(new Error(problem));
  if (!evaluation) throw new Error(`${dir} contains a run of ${originName(origin)}, not an evaluation.`);
  return { ...evaluationRecords(evaluation, state), controls: null };
}
