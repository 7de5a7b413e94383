import { basename, dirname, join, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { thousands } from '../../core/format.ts';
import { LOCAL_ENGINES } from '../../core/config/engine.ts';
import { sum } from '../../core/numbers.ts';
import { manyQuestions } from '../../core/psychophysics/many-questions.ts';
import { questionsOf } from '../../core/psychophysics/plan.ts';
import {
  ACUITY_FILE,
  ACUITY_KIND,
  type AnyAcuityRecord,
  type StimuliPlan,
  subjectOf,
} from '../../core/psychophysics/record.ts';
import { differenceText } from '../../core/psychophysics/text.ts';
import { recordLines } from '../../core/psychophysics/text-other.ts';
import { ACUITY_FORMS } from '../../core/worlds/acuity/axes.ts';
import { MAP_AXES, SCENE_AXES } from '../../core/worlds/acuity/words.ts';
import { answersToPlans, writeAcuity } from '../../lab/acuity/answers.ts';
import { isFolder } from '../../lab/files/folders.ts';
import { readText } from '../../lab/files/regular.ts';
import { listCheckpoints } from '../../lab/runs/checkpoints.ts';
import { findRun } from '../../lab/runs/list.ts';
import { drawn, ofModel } from '../acuity-ask.ts';
import {
  axes,
  blocks,
  costText,
  isEmbedded,
  levels,
  plansOf,
  requirePictures,
  share,
  side,
  type AcuityFlags,
} from '../acuity-plans.ts';
import { withEndpoint } from '../endpoint.ts';
import { UsageError } from '../errors.ts';
import type { EvalFlags } from '../evaluation/target.ts';
import { atLeastOne, requireFile, wholeNumber } from '../input.ts';
import { askLine, isInteractive, note, pathHere, print, printJson } from '../print.ts';
import { withRuns } from '../runs.ts';

/** `chirality acuity`: threshold, habits and lapses of a model, on scenes with one controlled difference. */
export function addAcuityCommand(program: Command): void {
  const command = withRuns(program.command('acuity'))
    .argument('[models...]', 'runs, or folders of models')
    .description(
      'Measure how finely a model sees: the smallest difference it can tell, its habits and its lapses.',
    )
    .option('--axis <list>', `what differs: ${SCENE_AXES.join(', ')}; several joined by commas`, axes)
    .option(
      '--map <list>',
      `draw maps of where in the picture answers are right, about ${MAP_AXES.join(', ')}`,
      axes,
    )
    .addOption(
      new Option('--form <name>', 'how to ask (default: yesno; choice in the compact style)').choices(
        ACUITY_FORMS,
      ),
    )
    .option(
      '--blocks <n>',
      'scenes per level, each asked in up to eight ways (default: 12; 2 per cell of a map)',
      blocks,
    )
    .option('--quick', 'three scenes per level, each asked in four ways: an eighth of the questions')
    .option(
      '--levels <list>',
      'sizes of the difference in percent, as 0,1,2,4; degrees or metres (default: those of the axis)',
      levels,
    )
    .option(
      '--adaptive <n>',
      'let the answers place each next scene, and ask at most this many questions',
      atLeastOne,
    )
    .option(
      '--precision <share>',
      'with --adaptive: stop when the threshold is known to ± this share of it (95 % interval)',
      share,
      0.3,
    )
    .addOption(
      new Option(
        '--asymptotes <kind>',
        'equal: one rate of lapses for both ends of the curve; free: a rate for each',
      )
        .choices(['equal', 'free'])
        .default('equal'),
    )
    .option('--limit <n>', 'ask more questions than this only after confirmation', atLeastOne, 5000)
    .option('--seed <n>', 'random seed; the same seed and options give the same bytes', wholeNumber, 1)
    .addOption(
      new Option(
        '--style <name>',
        'language of the questions (default: compact for embedded models)',
      ).choices(['english', 'compact']),
    )
    .option(
      '--size <pixels>',
      'width and height of the pictures (default: 448; 64 in the compact style)',
      side,
    )
    .option(
      '--step <n|last|best|all>',
      'checkpoint of the runs; all of them show acuity through training',
      'last',
    )
    .option('--endpoint <address>', 'the model is at this chat-completions endpoint')
    .option('--model <name>', 'model name at the endpoint')
    .addOption(new Option('--engine <name>', 'engine of a model folder or hub id').choices(LOCAL_ENGINES))
    .option('--strategy <name>', 'how to ask (default: a run as it was trained, other models directly)')
    .option('--max-tokens <n>', 'token limit for every stage (default: the strategy’s, or 1024)', wholeNumber)
    .option('--rows-only', 'write the rows and pictures without asking a model')
    .option('--answers <file>', 'measure these answers instead of asking: a table with id and answer')
    .option('-o, --output <folder>', 'folder for rows, answers and results', 'acuity')
    .option('--json', 'print the results as JSON; with --rows-only, where the rows are');
  withEndpoint(command)
    .addHelpText(
      'after',
      `
Each scene is asked about in up to eight ways: original and mirrored, either solid named first, with either word. The
model sees the same scene in all of them, which tells its habits from what it sees. threshold: half the distance between
the 25 % and 75 % points of its curve, at fixed habits. shift: by how much a habit makes things look different from what
they are; or it replaces a share of the answers. lapses: how often the model is wrong about obvious differences. turn asks where things would be if the camera moved around, metres how far away a solid is:
neither has a curve.

Examples:
  chirality acuity given spatial --runs chirality-demo/runs --axis side,nearer
  chirality acuity spatial --runs chirality-demo/runs --axis side --step all
  chirality acuity spatial given --runs chirality-demo/runs --map side
  chirality acuity --endpoint http://localhost:8000/v1 --model Qwen/Qwen2.5-VL-3B-Instruct --axis side --quick
  chirality acuity --endpoint http://localhost:8000/v1 --model Qwen/Qwen2.5-VL-3B-Instruct --axis side --adaptive 200
  chirality acuity --axis side --rows-only
  chirality acuity --axis side --answers mine.jsonl

After an interruption, the same command continues where it stopped and asks nothing twice (docs/psychophysics.md).`,
    )
    .action((models: string[], flags: AcuityFlags) => run(models, flags));
}

async function run(models: readonly string[], flags: AcuityFlags): Promise<void> {
  if (!flags.axis && !flags.map)
    throw new UsageError(`Say what to ask about with --axis or --map, for example --axis side.`);
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
  const asked = jobs.filter(({ subject }) => 'flags' in subject).flatMap(({ plans }) => plans);
  const questions = sum(asked.map(questionsOf));
  const cost = flags.endpoint === undefined ? null : costText(asked, flags);
  await requireConfirmed(questions, flags.limit, cost);
  if (cost !== null) note(`Up to ${thousands(questions)} questions. ${cost}`);
  const results: AnyAcuityRecord[] = [];
  for (const { subject, plans } of jobs) {
    for await (const result of 'flags' in subject
      ? ofModel(subject.flags, plans, flags.output, flags.asymptotes)
      : ofAnswers(subject.answers, plans, flags)) {
      const first = results.find((one) => subjectOf(one) === subjectOf(result));
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

/** How a second model's curve differs from a first one's, on the same scenes; null if that cannot be said. */
const differenceLine = (first: AnyAcuityRecord, second: AnyAcuityRecord): string | null =>
  first.kind === ACUITY_KIND && second.kind === ACUITY_KIND && first.rows_sha256 === second.rows_sha256
    ? differenceText(first, second)
    : null;

/** Many questions take hours, or cost money, so they are asked only if somebody wants that. */
async function requireConfirmed(questions: number, limit: number, cost: string | null): Promise<void> {
  if (questions <= limit) return;
  const many = manyQuestions(questions, cost);
  if (isInteractive() && /^y(es)?$/i.test((await askLine(`${many} Ask them? [y/N] `)).trim())) return;
  throw new UsageError(
    `${many} Ask fewer (--blocks, --levels, --adaptive), or confirm with --limit ${questions}.`,
  );
}

/** Whom to ask, or answers that are there; none for the rows alone. */
type Subject = { flags: EvalFlags } | { answers: string };

async function subjectsOf(models: readonly string[], flags: AcuityFlags): Promise<Subject[]> {
  if (flags.rowsOnly || flags.answers !== undefined) {
    if (models.length > 0)
      throw new UsageError(
        `${flags.rowsOnly ? '--rows-only' : '--answers'} does not ask a model: leave out ${models[0]!}.`,
      );
    if (flags.answers !== undefined) await requireAnswers(flags.answers);
    return [{ answers: flags.answers ?? '' }];
  }
  const shared: EvalFlags = { ...flags, set: [], n: 1, temperature: 0, topP: 1, seed: 0 } as EvalFlags;
  if (flags.endpoint !== undefined) {
    if (models.length > 0)
      throw new UsageError(`Name the model at the endpoint with --model, not ${models[0]!}.`);
    return [{ flags: shared }];
  }
  if (flags.model !== undefined)
    throw new UsageError('--model is for --endpoint: name runs or folders as arguments.');
  if (models.length === 0) throw new UsageError('Name a run or the folder of a model, or give --endpoint.');
  const subjects: Subject[] = [];
  for (const model of models) {
    const dir = flags.step === 'all' ? await findRun(flags.runs, model) : null;
    const steps = dir ? (await listCheckpoints(dir)).map(String) : [flags.step];
    for (const step of steps) subjects.push({ flags: { ...shared, model, step } });
  }
  return subjects;
}

/** A table, or the folder of an evaluation. */
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
        `${thousands(questions)} rows in ${pathHere(rows)}. To measure answers to them, pass --answers FILE with the same options.`,
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
