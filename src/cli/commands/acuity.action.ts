import { type AcuityFlags, requirePictures, isEmbedded, plansOf, costText } from '../acuity-plans.ts';
import { UsageError } from '../errors.ts';
import {
  type StimuliPlan,
  type AnyAcuityRecord,
  subjectOf,
  ACUITY_KIND,
  ACUITY_FILE,
} from '../../core/psychophysics/acuity-record.ts';
import { sum } from '../../base/numbers.ts';
import { questionsOf } from '../../core/psychophysics/plan-stimuli.ts';
import { note, print, pathHere, printJson, isInteractive, askLine } from '../print.ts';
import { thousands } from '../../base/format.ts';
import { ofModel, drawn } from '../acuity-ask.ts';
import { recordLines } from '../../core/psychophysics/text-other.ts';
import { differenceText } from '../../core/psychophysics/text.ts';
import { manyQuestions } from '../../core/psychophysics/many-questions.ts';
import type { EvalFlags } from '../evaluation/target.ts';
import { findRun } from '../../lab/runs/listed-runs.ts';
import { listCheckpoints } from '../../lab/runs/checkpoints.ts';
import { requireFile } from '../input.ts';
import { isFolder } from '../../lab/files/folders.ts';
import { join, basename, resolve, dirname } from 'node:path';
import { readText } from '../../lab/files/regular.ts';
import { answersToPlans, writeAcuity } from '../../lab/acuity/acuity-answers.ts';

export async function run(models: readonly string[], flags: AcuityFlags): Promise<void> {
  if (!flags.axis && !flags.map)
    throw new UsageError('No axis is set. Pass --axis or --map, for example --axis side.');
  const subjects = await subjectsOf(models, flags);
  const jobs: { subject: Subject; plans: StimuliPlan[] }[] = [];
  for (const subject of subjects) {
    const model = 'flags' in subject ? subject.flags : null;
    if (model) await requirePictures(model);
    const style = flags.style ?? (model && (await isEmbedded(model)) ? 'compact' : 'english');
    const name = model ? `${model.model ?? ''} ${model.step}` : '';
    jobs.push({ subject, plans: plansOf(flags, style, name) });
  }
  if (flags.rowsOnly) return writeRows(jobs[0]!.plans, flags);
  const askedPlans = jobs.filter(({ subject }) => 'flags' in subject).flatMap(({ plans }) => plans);
  const questions = sum(askedPlans.map(questionsOf));
  const cost = flags.endpoint === undefined ? null : costText(askedPlans, flags);
  await requireConfirmed(questions, flags.limit, cost);
  if (cost !== null) note(`Up to ${thousands(questions)} questions. ${cost}`);
  const results: AnyAcuityRecord[] = [];
  for (const { subject, plans } of jobs) {
    for await (const result of 'flags' in subject
      ? ofModel(subject.flags, plans, flags.output, flags.asymptotes)
      : ofAnswers(subject.answers, plans, flags)) {
      const first = results.find((other) => subjectOf(other) === subjectOf(result));
      results.push(result);
      if (flags.json) continue;
      const isDrawn = subjects.length === 1 || result.kind !== ACUITY_KIND;
      print([...recordLines(result, isDrawn), '', pathHere(result.answers), ''].join('\n'));
      const line = first && differenceLine(first, result);
      if (line) print(`${line}\n`);
    }
  }
  if (flags.json) printJson(results);
}

/** Returns the difference between the curves of two models on the same scenes; null for incomparable curves. */
const differenceLine = (first: AnyAcuityRecord, second: AnyAcuityRecord): string | null =>
  first.kind === ACUITY_KIND && second.kind === ACUITY_KIND && first.rows_sha256 === second.rows_sha256
    ? differenceText(first, second)
    : null;

/** Requires confirmation for many questions, because they take hours or cost money. */
async function requireConfirmed(questions: number, limit: number, cost: string | null): Promise<void> {
  if (questions <= limit) return;
  const many = manyQuestions(questions, cost);
  if (isInteractive() && /^y(es)?$/i.test((await askLine(`${many} Continue? [y/N] `)).trim())) return;
  throw new UsageError(
    `${many} Reduce them with --blocks, --levels or --adaptive, or confirm with --limit ${questions}.`,
  );
}

/** Model to evaluate, or file of answers ("" to write only the rows). */
type Subject = { flags: EvalFlags } | { answers: string };

async function subjectsOf(models: readonly string[], flags: AcuityFlags): Promise<Subject[]> {
  if (flags.rowsOnly || flags.answers !== undefined) {
    if (models.length > 0)
      throw new UsageError(
        `${flags.rowsOnly ? '--rows-only' : '--answers'} does not evaluate a model. Remove ${models[0]!}.`,
      );
    if (flags.answers !== undefined) await requireAnswers(flags.answers);
    return [{ answers: flags.answers ?? '' }];
  }
  const shared: EvalFlags = { ...flags, set: [], n: 1, temperature: 0, topP: 1, seed: 0 };
  if (flags.endpoint !== undefined) {
    if (models.length > 0)
      throw new UsageError(`Unexpected argument ${models[0]!}. Pass the model at the endpoint with --model.`);
    return [{ flags: shared }];
  }
  if (flags.model !== undefined)
    throw new UsageError('--model requires --endpoint. Pass a run or model folder as an argument.');
  if (models.length === 0) throw new UsageError('No model is set. Pass a run, a model folder or --endpoint.');
  const subjects: Subject[] = [];
  for (const model of models) {
    const dir = flags.step === 'all' ? await findRun(flags.runs, model) : null;
    const steps = dir ? (await listCheckpoints(dir)).map(String) : [flags.step];
    for (const step of steps) subjects.push({ flags: { ...shared, model, step } });
  }
  return subjects;
}

/** Checks that a path is a readable table of answers or evaluation folder. */
const requireAnswers = async (path: string): Promise<void> =>
  requireFile((await isFolder(path)) ? join(path, 'rows.jsonl') : path);

/** Draws the stimuli without asking a model. */
async function writeRows(plans: readonly StimuliPlan[], flags: AcuityFlags): Promise<void> {
  const written = [];
  for (const plan of plans) {
    const rows = await drawn(plan, flags.output);
    const questions = (await readText(rows)).split('\n').length - 1;
    written.push({ axis: plan.axis, rows, questions });
    if (!flags.json)
      print(
        `Wrote ${thousands(questions)} rows to ${pathHere(rows)}. To measure answers, pass --answers FILE with the same options.`,
      );
  }
  if (flags.json) printJson(written);
}

async function* ofAnswers(
  answers: string,
  plans: readonly StimuliPlan[],
  { output, asymptotes }: Pick<AcuityFlags, 'output' | 'asymptotes'>,
): AsyncGenerator<AnyAcuityRecord> {
  const given = { answers, model: basename(resolve(answers)), run: null, step: null, asymptotes };
  for (const [plan, texts] of await answersToPlans(answers, plans)) {
    const rows = await drawn(plan, output);
    yield writeAcuity(plan, rows, given, join(dirname(rows), `${given.model}.${ACUITY_FILE}`), texts);
  }
}
