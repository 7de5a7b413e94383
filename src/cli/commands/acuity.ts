import { basename, dirname, join, resolve } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { LOCAL_ENGINES } from '../../core/config/engine.ts';
import { jsonText } from '../../core/json.ts';
import { thousands } from '../../core/labels.ts';
import { acuityRecord } from '../../core/psychophysics/measure.ts';
import { ACUITY_FILE, type AcuityRecord } from '../../core/psychophysics/record.ts';
import { acuityLines, curveLines, differenceText } from '../../core/psychophysics/text.ts';
import { ORIGINAL } from '../../core/view-list.ts';
import type { Style } from '../../core/worlds/questions/question.ts';
import { asksOf } from '../../core/worlds/acuity/ask.ts';
import { ACUITY, ACUITY_FORMS, type AcuityForm } from '../../core/worlds/acuity/axes.ts';
import { ACUITY_AXES, AXIS_WORDS, type AcuityAxis, isAcuityAxis } from '../../core/worlds/acuity/words.ts';
import { readAnswers } from '../../lab/acuity/answers.ts';
import { stimuli, type StimuliPlan } from '../../lab/acuity/rows.ts';
import { writeAtomically } from '../../lab/files/atomic.ts';
import { makeFolder } from '../../lab/files/folders.ts';
import { listCheckpoints } from '../../lab/runs/checkpoints.ts';
import { findModel } from '../../lab/models/open-model.ts';
import { findRun } from '../../lab/runs/list.ts';
import { programVersions } from '../../lab/runs/versions.ts';
import { withEndpoint } from '../endpoint.ts';
import { UsageError } from '../errors.ts';
import { namedTarget } from '../evaluation/open.ts';
import { reportMissing, runTargetEvaluation } from '../evaluation/run.ts';
import type { EvalFlags } from '../evaluation/target.ts';
import { atLeastOne, requireFile, wholeNumber } from '../input.ts';
import { note, pathHere, print, printJson, tell } from '../print.ts';
import { Progress } from '../progress.ts';
import { withRuns } from '../runs.ts';

interface Flags extends Omit<EvalFlags, 'size'> {
  axis: AcuityAxis[];
  form?: AcuityForm;
  blocks: number;
  levels?: number[];
  style?: Style;
  size?: number;
  output: string;
  rowsOnly?: boolean;
  answers?: string;
}

/** `chirality acuity`: threshold, bias and lapses of a model, on scenes with one controlled difference. */
export function addAcuityCommand(program: Command): void {
  const command = withRuns(program.command('acuity'))
    .argument('[models...]', 'runs, or folders of models')
    .description(
      'Measure how finely a model sees: the smallest difference it can tell, its bias, its lapses.',
    )
    .requiredOption(
      '--axis <list>',
      `what differs: ${ACUITY_AXES.join(', ')}; several joined by commas`,
      axes,
    )
    .addOption(
      new Option('--form <name>', 'how to ask (default: yesno; choice in the compact style)').choices(
        ACUITY_FORMS,
      ),
    )
    .option('--blocks <n>', 'scenes per level, each asked in eight ways (where: in four)', atLeastOne, 12)
    .option(
      '--levels <list>',
      'sizes of the difference in percent, as 0,1,2,4 (default: those of the axis)',
      levels,
    )
    .option('--seed <n>', 'random seed; the same seed and options give the same bytes', wholeNumber, 1)
    .addOption(
      new Option(
        '--style <name>',
        'language of the questions (default: compact for embedded models)',
      ).choices(['english', 'compact']),
    )
    .option('--size <pixels>', 'side of the pictures (default: 448; 64 in the compact style)', atLeastOne)
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
    .option('--rows-only', 'write the rows and pictures, and ask nobody')
    .option('--answers <file>', 'measure these answers instead of asking: a table with id and answer')
    .option('-o, --output <folder>', 'folder for rows, answers and results', 'acuity')
    .option('--json', 'print the results as JSON; with --rows-only, where the rows are');
  withEndpoint(command)
    .addHelpText(
      'after',
      `
Every scene is asked in eight ways: original and mirrored, either solid named first, either word. What a model sees is
the same in all eight, so its leanings cancel, and are measured apart. threshold: half the distance between the 25 %
and the 75 % point of its curve. bias: where it changes its answer. lapses: how often it errs on plain differences.

Examples:
  chirality acuity given spatial --runs chirality-demo/runs --axis side,nearer
  chirality acuity spatial --runs chirality-demo/runs --axis side --step all
  chirality acuity --endpoint http://localhost:8000/v1 --model Qwen/Qwen2.5-VL-3B-Instruct --axis side --blocks 3
  chirality acuity --axis side --rows-only
  chirality acuity --axis side --answers mine.jsonl

After an interruption, the same command continues where it stopped and asks nothing twice (docs/psychophysics.md).`,
    )
    .action((models: string[], flags: Flags) => run(models, flags));
}

async function run(models: readonly string[], flags: Flags): Promise<void> {
  const subjects = await subjectsOf(models, flags);
  const results: AcuityRecord[] = [];
  const drawnRows: DrawnRows[] = [];
  for (const axis of flags.axis) {
    const measured: AcuityRecord[] = [];
    for (const subject of subjects) {
      const result = await measureOne(axis, subject, flags);
      if ('questions' in result) {
        drawnRows.push(result);
        continue;
      }
      measured.push(result);
      if (flags.json) continue;
      const curve = subjects.length > 1 ? [] : [...curveLines(axis, result.all), ''];
      print([...acuityLines(result), '', ...curve, pathHere(result.answers), ''].join('\n'));
    }
    results.push(...measured);
    const [first, ...others] = measured;
    for (const other of flags.json ? [] : others) {
      const line = other.rows_sha256 === first!.rows_sha256 && differenceText(first!, other);
      if (line) print(`${line}\n`);
    }
  }
  if (flags.json) printJson(flags.rowsOnly ? drawnRows : results);
}

/** Whom to ask: null for the rows alone, or answers that are there. */
type Subject = { flags: EvalFlags } | { answers: string } | null;

async function subjectsOf(models: readonly string[], flags: Flags): Promise<Subject[]> {
  if (flags.rowsOnly || flags.answers !== undefined) {
    if (models.length > 0)
      throw new UsageError(
        `${flags.rowsOnly ? '--rows-only' : '--answers'} asks no model: leave out ${models[0]!}.`,
      );
    if (flags.answers === undefined) return [null];
    await requireFile(flags.answers);
    return [{ answers: flags.answers }];
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

/** The stimuli of an axis, where nobody is asked. */
interface DrawnRows {
  axis: AcuityAxis;
  /** The file. */
  rows: string;
  questions: number;
}

/** Draws the stimuli, asks what is not yet answered, measures and writes acuity.json. */
async function measureOne(
  axis: AcuityAxis,
  subject: Subject,
  flags: Flags,
): Promise<AcuityRecord | DrawnRows> {
  const asked = subject && 'flags' in subject ? subject.flags : null;
  const plan = planOf(
    axis,
    flags,
    flags.style ?? (asked && (await isEmbedded(asked)) ? 'compact' : 'english'),
  );
  const { rows, sha256: rows_sha256 } = await drawn(plan, flags.output);
  if (!subject) {
    const ways = asksOf(axis, plan.style, plan.form).length;
    const count = ways * plan.blocks * plan.levels.length;
    if (!flags.json)
      print(
        `${thousands(count)} rows in ${pathHere(rows)}. Answers to them: --answers FILE, with the same options.`,
      );
    return { axis, rows, questions: count };
  }
  const given =
    'answers' in subject
      ? { ...subject, model: basename(subject.answers), run: null, step: null }
      : await ask(subject.flags, rows, flags.output);
  const result = acuityRecord(await readAnswers(rows, given.answers), {
    ...given,
    plan,
    rows_sha256,
    versions: programVersions(),
  });
  const out = asked ? join(given.answers, ACUITY_FILE) : join(dirname(rows), `${given.model}.${ACUITY_FILE}`);
  await writeAtomically(out, (file) => file.writeFile(jsonText(result)), { follow: false });
  return result;
}

/** Whether the model is one of the embedded engine, which reads the compact style alone. */
async function isEmbedded({ endpoint, engine, model = '', runs, step }: EvalFlags): Promise<boolean> {
  if (endpoint !== undefined) return false;
  return (engine ?? (await findModel(model, runs, step)).engine) === 'embedded';
}

function planOf(axis: AcuityAxis, flags: Flags, style: Style): StimuliPlan {
  const forms = ACUITY[axis].forms[style];
  if (!forms)
    throw new UsageError(
      `The compact style has no question about "${axis}", and the embedded engine reads no other: choose from ${ACUITY_AXES.filter((one) => ACUITY[one].forms.compact).join(', ')}.`,
    );
  const form = flags.form ?? (style === 'compact' || !forms.yesno ? 'choice' : 'yesno');
  if (!forms[form]) throw new UsageError(`"${axis}" is not asked as ${form} in the ${style} style.`);
  const side = flags.size ?? (style === 'compact' ? 64 : 448);
  const sizes = [...new Set(flags.levels ?? ACUITY[axis].levels[style]!)].sort((a, b) => a - b);
  const unknown =
    axis === 'number' ? sizes.find((one) => !ACUITY.number.levels.english.includes(one)) : undefined;
  if (unknown !== undefined)
    throw new UsageError(
      `Numbers of 4 to 12 differ by ${ACUITY.number.levels.english.join(', ')} %, not by ${unknown} %.`,
    );
  const seen = sizes.filter(
    (one) => one === 0 || AXIS_WORDS[axis].unit !== 'share' || (one * side) / 100 >= 1,
  );
  const left = sizes.filter((one) => !seen.includes(one));
  if (left.length > 0)
    note(`Differences of ${left.join(', ')} % are less than a pixel of ${side}, and left out.`);
  if (!seen.some((one) => one > 0))
    throw new UsageError('Levels need a difference above 0: both signs of it are shown.');
  return {
    axis,
    form,
    style,
    size: { w: side, h: side },
    levels: [
      ...seen
        .filter((one) => one > 0)
        .reverse()
        .map((one) => -one),
      ...seen,
    ],
    blocks: flags.blocks,
    seed: flags.seed,
  };
}

async function drawn(plan: StimuliPlan, output: string): ReturnType<typeof stimuli> {
  const progress = new Progress(`drawing ${plan.axis}`, plan.levels.length * plan.blocks);
  try {
    return await stimuli(join(resolve(output), 'rows'), plan, (done) => progress.update(done));
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  } finally {
    progress.end();
  }
}

/** Asks a model the rows of a file that it has not answered yet. @returns the folder of its answers */
async function ask(
  flags: EvalFlags,
  rows: string,
  output: string,
): Promise<Pick<AcuityRecord, 'answers' | 'model' | 'run' | 'step'>> {
  const axis = basename(dirname(rows));
  const { target, name, run, step } = await namedTarget({
    ...flags,
    set: [`${axis}=${rows}`],
    views: [ORIGINAL],
    dataRoot: dirname(rows),
  });
  const folder = resolve(output);
  await makeFolder(folder);
  try {
    const plan = { ...target, folder, asTrained: false, name: name.replace(/, step /, '-step-') };
    const evaluation = await runTargetEvaluation(plan);
    const used = target.used?.();
    if (used !== undefined) tell(used);
    reportMissing(evaluation);
    return { answers: evaluation.out, model: name, run, step };
  } finally {
    await target.close();
  }
}

function axes(text: string): AcuityAxis[] {
  return text.split(',').map((part) => {
    const axis = part.trim();
    if (isAcuityAxis(axis)) return axis;
    throw new InvalidArgumentError(`There is no axis "${axis}". Choose from ${ACUITY_AXES.join(', ')}.`);
  });
}

function levels(text: string): number[] {
  const list = text.split(',').map(Number);
  if (list.some((one) => !(one >= 0 && one <= 400)))
    throw new InvalidArgumentError('Give percent from 0 to 400, as 0,1,2,4,8,16.');
  return list;
}
